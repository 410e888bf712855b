import Application
import Domain
import EventLoop
import Gateway
import Redis
import Synchronization
import Telemetry

/// A process's connections to Redis: for each loop one for commands and one that hears rings, one more where replicas
/// are waited for, and one beside them for membership and for watching the server.
final class RedisLinks: Sendable {
    private let shards = ShardMap()
    private let options: RedisRoomLog.Options
    private let limits: Configuration.Limits
    private let client: RedisClient
    private let beating = Mutex<Task<Void, Never>?>(nil)
    private let stores: Stores
    private let monitor: RedisMonitor
    private let watching: Task<Void, Never>
    /// One for each loop that has a room log.
    private let probes = Mutex<[ProbeRecord]>([])
    private let probeLimit: Duration

    /// Connects for what is not a loop's own, and begins to watch the server.
    /// - Throws: `ConfigurationError` where the server is one that the profile `prod` refuses.
    static func start(
        _ configuration: Configuration, stores: Stores, loops: [EventLoop], registry: MetricsRegistry, logger: Logger
    ) async throws -> RedisLinks {
        let loop = loops[0]
        let client = try await RedisClient.start(stores.redis, on: loop)
        let monitor = RedisMonitor(client: client) { facts in
            for shortcoming in facts.shortcomings(durable: true) {
                logger.warning("redis.shortcoming", ["shortcoming": .string("\(shortcoming)")])
            }
        }
        await monitor.look()
        if configuration.profile == .prod, let facts = monitor.facts {
            try ProductionRules.check(facts)
        }
        return RedisLinks(configuration, stores, client, monitor, registry: registry)
    }

    private init(
        _ configuration: Configuration, _ stores: Stores, _ client: RedisClient, _ monitor: RedisMonitor,
        registry: MetricsRegistry
    ) {
        self.stores = stores
        limits = configuration.limits
        self.client = client
        self.monitor = monitor
        // Two runs of one gateway must not share a group: the run is part of its name.
        let boot = uniqueWord()
        var options = RedisRoomLog.Options(gateway: "\(configuration.gatewayID):\(boot)")
        options.backlogLimit = UInt64(configuration.rooms.backlogLimit)
        options.messagesPerMinute = UInt64(configuration.limits.roomMessagesPerMinute)
        options.maxEntries = GatewayLimits.maxEntriesPerRead
        options.isMemoryShort = { monitor.isMemoryShort }
        options.waitReplicas = configuration.redis.waitReplicas
        options.waitMilliseconds = UInt64(configuration.redis.waitMilliseconds)
        self.options = options
        probeLimit = .seconds(configuration.redis.probeSeconds)
        let metrics = RedisMetrics(registry: registry)
        watching = Task {
            while !Task.isCancelled {
                await monitor.look()
                metrics.show(monitor)
                try? await Task.sleep(for: .milliseconds(RedisLimits.monitorMilliseconds))
            }
        }
    }

    /// Lets others know from now on that this gateway lives.
    func beginHeartbeat() {
        let heartbeat = GatewayHeartbeat(of: options.gateway, over: client)
        let task = Task {
            while !Task.isCancelled {
                await heartbeat.beat()
                try? await Task.sleep(for: .milliseconds(GatewayLimits.heartbeatMilliseconds))
            }
        }
        beating.withLock { $0 = task }
    }

    /// The gateway has given up its rooms: nobody need know that it lives.
    func endHeartbeat() {
        beating.withLock { $0?.cancel() }
    }

    /// A loop's side of the room logs. Call on that loop.
    func roomLog(on loop: EventLoop) -> any RoomLog {
        let pair = stores.redisPair(on: loop)
        let probe = makeProbe(of: pair, name: options.gateway)
        let publisher = options.waitReplicas == 0 ? nil : RedisConnection(stores.redis, on: loop)
        publisher?.start()
        let log = RedisRoomLog(
            connection: pair.connection, subscriber: pair.subscriber, publisher: publisher, probe: probe,
            shards: shards, options: options)
        pair.subscriber.start()
        probe.start()
        return log
    }

    /// A probe of a loop's connections, which readiness goes by from now on; it is to be started. Call on that loop.
    func makeProbe(of pair: Stores.RedisPair, name: String) -> RoomLogProbe {
        let record = ProbeRecord()
        let number = probes.withLock { probes in
            probes.append(record)
            return probes.count
        }
        return RoomLogProbe(
            connection: pair.connection, subscriber: pair.subscriber, name: "\(name):\(number)",
            shard: Int.random(in: 0..<shards.count), shards: shards, record: record)
    }

    /// A loop's side of what gateways keep of users together, over connections of its own: what it waits for must not
    /// hold up the rooms. Call on that loop.
    func userLedger(on loop: EventLoop, index: Int) -> any UserLedger {
        let pair = stores.redisPair(on: loop)
        var users = RedisUserLedger.Options(loop: "\(options.gateway):\(index)")
        users.sessions = limits.sessionsPerUser
        users.messagesPerMinute = limits.userMessagesPerMinute
        let ledger = RedisUserLedger(connection: pair.connection, subscriber: pair.subscriber, options: users)
        pair.subscriber.start()
        return ledger
    }

    /// Counts logins that fail; `skipped` is called for each attempt that Redis did not count.
    func loginAttempts(skipped: @escaping @Sendable () -> Void) -> RedisLoginAttempts {
        RedisLoginAttempts(
            client: client,
            options: RedisLoginAttempts.Options(
                perAccount: limits.loginsPerAccount, perAddress: limits.loginsPerAddress),
            skipped: skipped)
    }

    /// Changes of membership.
    func membershipLog(_ configuration: Configuration) -> RedisMembershipLog {
        RedisMembershipLog(
            client: client, shards: shards, backlogLimit: UInt64(configuration.rooms.backlogLimit),
            isMemoryShort: options.isMemoryShort)
    }

    /// Changes of messages.
    func changeLog(_ configuration: Configuration) -> RedisChangeLog {
        RedisChangeLog(
            client: client, shards: shards, backlogLimit: UInt64(configuration.rooms.backlogLimit),
            isMemoryShort: options.isMemoryShort)
    }

    /// Whether Redis is fit to keep what is accepted, and what is written into the room logs comes back to each loop.
    var healthCheck: HealthCheck {
        HealthCheck("redis") { [self] in
            let facts = monitor.facts
            if let unfit = facts?.shortcomings(durable: false).first { return .down("unfit: \(unfit)") }
            for probe in probes.withLock({ $0 }) {
                if let fault = probe.fault(limit: probeLimit) { return .down(fault) }
            }
            var warnings = facts?.shortcomings(durable: true).map { "\($0)" } ?? []
            if monitor.isMemoryShort {
                warnings.append("memoryShort")
            }
            return .up(warnings: warnings)
        }
    }

    /// Watches no more.
    func stop() { watching.cancel() }
}
