/// HAProxy before two gateways, configured by `config/haproxy.cfg`.
public struct HAProxy: LaunchedServer {
    public let process: ChildProcess
    public let port: UInt16
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it passes requests on to a gateway that is ready.
    /// - Parameter gateways: the ports of the two gateways on 127.0.0.1.
    public static func start(
        port: UInt16, gateways: (UInt16, UInt16), logFile: String, stop: StopRequest? = nil
    ) throws(LauncherError) -> HAProxy {
        let executable = try Tool.find("haproxy")
        let configuration = try ProjectFiles.require("config/haproxy.cfg")
        try LoopbackPort.requireFree(port, for: "the balancer")
        let process = try ChildProcess.start(
            "HAProxy", executable: executable,
            // -db: in the foreground.
            arguments: ["-db", "-f", configuration],
            environment: [
                "SHOOT_BALANCER_ADDRESS": "127.0.0.1:\(port)", "SHOOT_GATEWAY_1": "127.0.0.1:\(gateways.0)",
                "SHOOT_GATEWAY_2": "127.0.0.1:\(gateways.1)",
            ],
            logFile: logFile)
        do {
            try process.waitUntilReady(stop: stop) { () throws(LauncherError) in
                HTTPProbe.status(port: port, path: "/health/ready") == 200
            }
        } catch {
            process.terminate()
            throw error
        }
        return HAProxy(process: process, port: port)
    }
}
