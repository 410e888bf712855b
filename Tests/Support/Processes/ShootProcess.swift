import Foundation
import Launcher

/// The built `shoot`, running as a process of its own, as an operator would run it.
public final class ShootProcess: Sendable {
    public let process: ChildProcess
    /// Where it serves HTTP (a persister: its health and metrics), on 127.0.0.1.
    public let httpPort: UInt16

    private init(process: ChildProcess, httpPort: UInt16) {
        self.process = process
        self.httpPort = httpPort
    }

    /// The executable that was built together with the tests.
    public static func binary() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = (tests as NSString).deletingLastPathComponent + "/shoot"
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        if let built = ProjectFiles.find(".build/debug/shoot") { return built }
        throw LauncherError(.missingTool, "The executable shoot was not built with the tests (looked at \(beside)).")
    }

    /// Starts it and waits until `GET readyPath` is answered 200.
    /// - Parameters:
    ///   - arguments: such as `["gateway"]`.
    ///   - environment: configuration on top of that of the test process; see `TestServers.environment`.
    ///   - httpPort: a free one, unless it takes the place of a process that left.
    ///   - readyPath: nil: it is not waited for.
    public static func start(
        _ arguments: [String], environment: [String: String], httpPort: UInt16? = nil,
        readyPath: String? = "/health/ready"
    ) async throws -> ShootProcess {
        try await blocking {
            let port = try httpPort ?? LoopbackPort.free()
            let name = arguments.first ?? "shoot"
            let portVariable = name == "persister" ? "SHOOT_PERSISTER_HTTP_PORT" : "SHOOT_HTTP_PORT"
            let process = try ChildProcess.start(
                name, executable: binary(), arguments: arguments,
                environment: surroundings(environment).merging([portVariable: "\(port)"]) { _, port in port },
                logFile: Command.newLogFile(name))
            if let readyPath {
                do {
                    try process.waitUntilReady { () throws(LauncherError) in
                        HTTPProbe.status(port: port, path: readyPath) == 200
                    }
                } catch {
                    process.terminate(grace: .zero)
                    throw error
                }
            }
            return ShootProcess(process: process, httpPort: port)
        }
    }

    /// Runs it to its end, for the commands that answer and leave.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
    ) async throws -> Command.Outcome {
        try await Command.run(binary(), arguments, environment: surroundings(environment), within: limit)
    }

    /// libmongoc keeps counters in a file named for the process id. Those of killed processes stay, and when their ids
    /// come again it says so on standard error, behind the logger's back.
    private static func surroundings(_ environment: [String: String]) -> [String: String] {
        environment.merging(["MONGOC_DISABLE_SHM": "1"]) { own, _ in own }
    }

    /// SIGTERM, and its exit status; killed when it has not ended within the time that a drain may take, which is nil.
    @discardableResult
    public func terminate() async throws -> Int32? {
        try await blocking { [process] in process.terminate().exitCode }
    }

    /// SIGKILL, as a crash; returns when it is gone.
    public func kill() async throws {
        _ = try await blocking { [process] in process.terminate(grace: .zero) }
    }

    /// SIGSTOP: alive, and silent, until `resume`.
    public func pause() { process.kill(SIGSTOP) }

    /// SIGCONT: ends a `pause`.
    public func resume() { process.kill(SIGCONT) }

    /// The end of what it has written so far, behind its name.
    public var lastLines: [String] { process.logTail.map { "\(process.name): \($0)" } }

    /// All that it has written so far.
    public var log: String {
        process.logFile.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
    }
}
