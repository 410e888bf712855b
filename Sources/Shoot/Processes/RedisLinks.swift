import Application
import Domain
import EventLoop
import Gateway
import Redis
import Synchronization
import Telemetry

/// A gateway's connections to Redis: for each loop one for commands and one that hears rings.
final class RedisLinks: Sendable {
    private let configuration: RedisConfiguration
    private let shards = ShardMap()
    private let options: RedisRoomLog.Options
    private let client: RedisClient
    private let facts = Mutex<RedisServerFacts?>(nil)
    private let stores: Stores

    /// Connects for what is not a loop's own: membership and health.
    static func start(_ configuration: Configuration, stores: Stores, loops: [EventLoop]) async throws -> RedisLinks {
        guard let loop = loops.first else { throw StartError("a gateway needs at least one loop") }
        // Two runs of one gateway must not share a group: the run is part of its name.
        let boot = String(UInt64.random(in: .min ... .max), radix: 36)
        var options = RedisRoomLog.Options(gateway: "\(configuration.gatewayID):\(boot)")
        options.backlogLimit = UInt64(configuration.rooms.backlogLimit)
        options.maxEntries = GatewayLimits.maxEntriesPerRead
        return RedisLinks(stores, options, client: try await RedisClient.start(stores.redis, on: loop))
    }

    private init(_ stores: Stores, _ options: RedisRoomLog.Options, client: RedisClient) {
        configuration = stores.redis
        self.stores = stores
        self.options = options
        self.client = client
    }

    /// A loop's side of the room logs. Call on that loop.
    func roomLog(on loop: EventLoop) -> any RoomLog {
        let pair = stores.redisPair(on: loop)
        let log = RedisRoomLog(
            connection: pair.connection, subscriber: pair.subscriber, shards: shards, options: options)
        pair.subscriber.start()
        return log
    }

    /// Changes of membership.
    func membershipLog(_ configuration: Configuration) -> RedisMembershipLog {
        RedisMembershipLog(
            client: client, shards: shards, backlogLimit: UInt64(configuration.rooms.backlogLimit))
    }

    /// Whether Redis answers and is fit to keep what is accepted; what falls short of that is logged once.
    func healthCheck(logger: Logger) -> HealthCheck {
        HealthCheck("redis") { [self] in
            do throws(RedisError) {
                _ = try await client.command("PING", whenDown: .fail, timeoutMilliseconds: 1000)
                return try await unfitness(logger: logger)
            } catch {
                return "does not answer: \(error.cause)"
            }
        }
    }

    private func unfitness(logger: Logger) async throws(RedisError) -> String? {
        var known = facts.withLock { $0 }
        if known == nil {
            let read = try await RedisServerFacts.read(from: client)
            known = read
            facts.withLock { $0 = read }
            for shortcoming in read.shortcomings(durable: true) {
                logger.warning("redis.shortcoming", ["shortcoming": .string("\(shortcoming)")])
            }
        }
        return known?.shortcomings(durable: false).first.map { "unfit: \($0)" }
    }
}
