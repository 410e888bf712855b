import Launcher
import Support

/// A Redis that one test has for itself: to be killed, paused and filled up. It keeps what it has answered, as in
/// production.
struct OwnRedis: Sendable {
    let folder: String
    let server: RedisServer

    init() throws {
        folder = try TestFolder.makeFolder("redis")
        server = try RedisServer.start(folder: folder, port: LoopbackPort.free(), durability: .always)
    }

    private init(folder: String, server: RedisServer) {
        self.folder = folder
        self.server = server
    }

    /// Starts another on the data and the port of this one, which has ended.
    func restarted() throws -> OwnRedis {
        OwnRedis(
            folder: folder, server: try RedisServer.start(folder: folder, port: server.port, durability: .always))
    }
}
