import Foundation

/// The three stores, each launched, or somebody else's where the environment names it.
public final class Stack: Sendable {
    /// Where the launched stores listen, on 127.0.0.1.
    public struct Ports: Sendable {
        public let redis, postgres, mongo: UInt16

        /// Those of `make run`: beside, not on, the ports of a system's own daemons.
        public static let fixed = Ports(redis: 16_379, postgres: 15_432, mongo: 27_117)

        /// Three that nobody uses.
        public static func free() throws(LauncherError) -> Ports {
            try Ports(redis: LoopbackPort.free(), postgres: LoopbackPort.free(), mongo: LoopbackPort.free())
        }

        public init(redis: UInt16, postgres: UInt16, mongo: UInt16) {
            self.redis = redis
            self.postgres = postgres
            self.mongo = mongo
        }
    }

    /// nil where the environment named an existing server.
    public let redis: RedisServer?
    public let postgres: PostgresServer?
    public let mongo: MongoServer?
    public let redisURL: String
    public let postgresURL: String
    public let mongoURL: String
    private let folder: StateFolder

    /// Starts what is not given; stops again what it started when one does not come up. May block for as long as that
    /// takes.
    /// - Parameters:
    ///   - environment: may name existing servers: `SHOOT_REDIS_URL`, `SHOOT_POSTGRES_URL`, `SHOOT_MONGODB_URL`.
    ///   - stop: ends the start-up early.
    ///   - report: told, in one line, about each store that is ready.
    public static func start(
        in folder: StateFolder, ports: Ports, durability: Durability = .everySecond, redisDatabases: Int = 16,
        environment: [String: String] = ProcessInfo.processInfo.environment, stop: StopRequest? = nil,
        report: (String) -> Void = { _ in }
    ) throws(LauncherError) -> Stack {
        var started: [any LaunchedServer] = []
        func launch<Server: LaunchedServer>(
            _ label: String, _ variable: String, _ start: () throws(LauncherError) -> Server
        ) throws(LauncherError) -> (server: Server?, url: String) {
            if let given = environment[variable], !given.isEmpty {
                report("\(label) given by \(variable)")
                return (nil, given)
            }
            let server = try start()
            folder.record(server.process)
            started.append(server)
            report("\(label) 127.0.0.1:\(server.port)")
            return (server, server.url)
        }
        do {
            let redis = try launch("Redis     ", "SHOOT_REDIS_URL") { () throws(LauncherError) in
                try RedisServer.start(
                    folder: folder.path + "/redis", port: ports.redis, durability: durability,
                    databases: redisDatabases, stop: stop)
            }
            let postgres = try launch("PostgreSQL", "SHOOT_POSTGRES_URL") { () throws(LauncherError) in
                try PostgresServer.start(
                    folder: folder.path + "/postgres", port: ports.postgres, durability: durability, stop: stop)
            }
            let mongo = try launch("MongoDB   ", "SHOOT_MONGODB_URL") { () throws(LauncherError) in
                try MongoServer.start(folder: folder.path + "/mongodb", port: ports.mongo, stop: stop)
            }
            return Stack(folder, redis, postgres, mongo)
        } catch {
            for server in started.reversed() { server.stop() }
            folder.forgetChildren()
            throw error
        }
    }

    private init(
        _ folder: StateFolder, _ redis: (server: RedisServer?, url: String),
        _ postgres: (server: PostgresServer?, url: String), _ mongo: (server: MongoServer?, url: String)
    ) {
        self.folder = folder
        (self.redis, redisURL) = redis
        (self.postgres, postgresURL) = postgres
        (self.mongo, mongoURL) = mongo
    }

    /// What a Shoot process needs in its environment to use these stores.
    public var environment: [String: String] {
        ["SHOOT_REDIS_URL": redisURL, "SHOOT_POSTGRES_URL": postgresURL, "SHOOT_MONGODB_URL": mongoURL]
    }

    /// Those of the stores that were launched.
    public var servers: [any LaunchedServer] {
        let all: [(any LaunchedServer)?] = [redis, postgres, mongo]
        return all.compactMap(\.self)
    }

    /// Stops the launched stores, the last started first. May block for as long as they write their data out.
    public func stop() {
        for server in servers.reversed() { server.stop() }
        folder.forgetChildren()
    }

    /// Kills them: for stores whose data nobody wants any more.
    public func kill() {
        for server in servers { server.process.kill(SIGKILL) }
        for server in servers { server.kill() }
        folder.forgetChildren()
    }
}
