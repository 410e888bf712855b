import Foundation
import Launcher
import Synchronization

/// Redis, PostgreSQL and MongoDB for tests: one of each for the whole test process, started when the first test asks, on
/// free ports, stopped when the process ends, however it ends.
///
/// Tests run side by side, so each takes databases of its own from here. A test that stops or kills a server starts one
/// for itself (`RedisServer.start` and so on, in a `TestFolder.makeFolder`).
public final class TestServers: Sendable {
    public let stack: Stack
    private let lastDatabase = Atomic<Int>(0)

    /// How many tests can have a Redis database of their own.
    private static let redisDatabases = 4096
    private static let running = Mutex<Stack?>(nil)
    private static let starting = Task.detached { try await blocking { try TestServers() } }

    /// The ones of this test process.
    public static var shared: TestServers {
        get async throws { try await starting.value }
    }

    private init() throws {
        let folder = try StateFolder(TestFolder.path() + "/stores")
        // Servers of the developer's own, named by the environment, would be left full of test data.
        stack = try Stack.start(
            in: folder, ports: .free(), durability: .none, redisDatabases: Self.redisDatabases, environment: [:])
        Self.running.withLock { [stack] in $0 = stack }
        atexit { TestServers.running.withLock { $0?.kill() } }
    }

    /// Empty databases that no other test uses.
    public struct Databases: Sendable {
        public let redisURL: String
        public let postgresURL: String
        public let mongoURL: String

        /// What a Shoot process needs in its environment to use them.
        public var environment: [String: String] {
            ["SHOOT_REDIS_URL": redisURL, "SHOOT_POSTGRES_URL": postgresURL, "SHOOT_MONGODB_URL": mongoURL]
        }
    }

    /// One empty database in each of the three.
    public func freshDatabases() async throws -> Databases {
        try await Databases(
            redisURL: freshRedisURL(), postgresURL: freshPostgresURL(), mongoURL: freshMongoURL())
    }

    /// A numbered database of its own. Channels know no databases: whoever rings there is heard in all of them.
    public func freshRedisURL() throws -> String {
        let number = newNumber()
        precondition(number < Self.redisDatabases, "cannot give a Redis database when all are given away")
        return stack.redisURL + "/\(number)"
    }

    public func freshPostgresURL() async throws -> String {
        guard let postgres = stack.postgres else { return stack.postgresURL }
        let name = "test_\(newNumber())"
        return try await blocking {
            try postgres.createDatabase(name)
            return postgres.url(database: name)
        }
    }

    public func freshMongoURL() -> String {
        stack.mongo?.url(database: "test_\(newNumber())") ?? stack.mongoURL
    }

    private func newNumber() -> Int { lastDatabase.wrappingAdd(1, ordering: .relaxed).newValue }
}
