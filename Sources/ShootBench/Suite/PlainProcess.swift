import Launcher

/// A plain server on the core where gateways run otherwise.
struct PlainProcess {
    let process: ChildProcess
    let url: String

    init(frameBytes: Int) throws {
        let port = try LoopbackPort.free()
        process = try ChildProcess.start(
            "plain", executable: try Tool.find("taskset"),
            arguments: [
                "-c", "\(BenchStack.gatewayCore)", ExecutablePath.own(), "plain", "--port", "\(port)", "--frame-bytes",
                "\(frameBytes)",
            ], logFile: "/dev/null")
        url = "ws://127.0.0.1:\(port)/"
        try process.waitUntilReady { () throws(LauncherError) in !LoopbackPort.isFree(port) }
    }

    func stop() { process.terminate(grace: .zero) }
}
