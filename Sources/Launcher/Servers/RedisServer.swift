import Foundation

/// A Redis with its log of writes in a folder of its own, configured by `config/redis.conf`.
public struct RedisServer: LaunchedServer {
    public let process: ChildProcess
    public let port: UInt16
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts it and waits until it answers PING, its data loaded.
    /// - Parameters:
    ///   - folder: for its data; made when it is missing. Its log goes beside it.
    ///   - databases: how many numbered databases it has.
    public static func start(
        folder: String, port: UInt16, durability: Durability = .everySecond, databases: Int = 16,
        stop: StopRequest? = nil
    ) throws(LauncherError) -> RedisServer {
        let executable = try Tool.find("redis-server")
        let configuration = try ProjectFiles.require("config/redis.conf")
        try LoopbackPort.requireFree(port, for: "Redis")
        try StateFolder.make(folder)
        let process = try ChildProcess.start(
            "Redis", executable: executable,
            arguments: [
                configuration, "--port", "\(port)", "--dir", folder, "--databases", "\(databases)",
                "--appendfsync", durability == .always ? "always" : "everysec",
            ],
            logFile: folder + ".log")
        do {
            try process.waitUntilReady(stop: stop) { () throws(LauncherError) in answersPing(port: port) }
        } catch {
            process.terminate()
            throw error
        }
        return RedisServer(process: process, port: port)
    }

    /// While it loads its data Redis answers an error instead.
    private static func answersPing(port: UInt16) -> Bool {
        guard let connection = LoopbackConnection(port: port), connection.send(Array("PING\r\n".utf8)) else {
            return false
        }
        return connection.receive(until: { $0.last == UInt8(ascii: "\n") }) == Array("+PONG\r\n".utf8)
    }
}
