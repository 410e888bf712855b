import Application
import Domain
import EventLoop
import Gateway
import Mongo
import Outbound
import Redis
import Telemetry

/// A persister at work.
final class RunningPersister: Sendable {
    private let schedule: ShardSchedule
    private let work: Task<Void, Never>
    private let janitor: Task<Void, Never>
    private let alerts: WebhookAlerts?

    /// Begins to store what is in the logs. Where Redis or MongoDB are away it waits for them.
    static func start(in process: ProcessLifecycle, ids: MessageIDs) async throws -> RunningPersister {
        let (configuration, stores, loop) = (process.configuration, process.stores, process.loops[0])
        let (registry, redis, logger) = (process.registry, process.redis, process.logger)
        let shards = ShardMap()
        let schedule = ShardSchedule(count: shards.count)
        let options = RedisPersistLog.Options(configuration)
        let connection = try await loop.submit {
            let pair = stores.redisPair(on: loop)
            let boot = uniqueWord()
            let probe = redis.makeProbe(of: pair, name: "persister:\(boot)")
            let rings = RedisPersistRings(subscriber: pair.subscriber, shards: shards, probe: probe) {
                schedule.mark($0)
            }
            pair.subscriber.start()
            probe.start()
            // What no ring told of (a lease that ran out, a delay that is over) is found by looking.
            loop.schedule(
                afterMilliseconds: RunningPersister.sweepMilliseconds,
                repeatMilliseconds: RunningPersister.sweepMilliseconds
            ) {
                withExtendedLifetime(rings) { schedule.mark(nil) }
            }
            return LoopBound(pair.connection, on: loop)
        }
        let log = RedisPersistLog(connection: connection, shards: shards, options: options)
        let worker = PersistWorker(
            log: log, store: MongoMessageStore(stores.mongo), deadLetters: MongoDeadLetterStore(stores.mongo),
            tracer: process.tracing.tracer(.persister, id: "\(hostName())-\(configuration.persister.address.port)"),
            leaseMilliseconds: options.leaseMilliseconds, now: runningClock(), makeToken: uniqueWord,
            makeID: { ids.next(seconds: UInt32(truncatingIfNeeded: wallClock().milliseconds / 1000)) })
        let metrics = PersisterMetrics(registry: registry)
        let alerts = try await startAlerts(configuration, on: loop, registry: registry, logger: logger)
        let persister = Persister(
            worker: worker, schedule: schedule, workers: configuration.persister.workers,
            roomsPerShard: options.roomsPerShard,
            pause: { try? await Task.sleep(for: .milliseconds($0)) },
            report: { report in
                metrics.count(report, logger: logger)
                alerts?.add(report.deadLetters)
            })
        let janitor = RunningJanitor(
            configuration, janitor: Janitor(log: log, rooms: MongoRoomStore(stores.mongo)),
            client: RedisClient(connection), metrics: JanitorMetrics(registry: registry), logger: logger)
        return RunningPersister(
            schedule: schedule, work: Task { await persister.run() }, janitor: Task { await janitor.run() },
            alerts: alerts)
    }

    /// Who tells operators of dead letters; nil where nobody is to be told.
    private static func startAlerts(
        _ configuration: Configuration, on loop: EventLoop, registry: MetricsRegistry, logger: Logger
    ) async throws -> WebhookAlerts? {
        guard !configuration.alertsWebhookURL.isEmpty else { return nil }
        let alerts = try WebhookAlerts(url: configuration.alertsWebhookURL, registry: registry, logger: logger)
        let period = WebhookAlerts.tickMilliseconds
        try await loop.submit {
            _ = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { alerts.tick() }
        }
        return alerts
    }

    /// How often all shards are looked at, ms.
    private static let sweepMilliseconds: UInt64 = 1000

    private init(
        schedule: ShardSchedule, work: Task<Void, Never>, janitor: Task<Void, Never>, alerts: WebhookAlerts?
    ) {
        self.schedule = schedule
        self.work = work
        self.janitor = janitor
        self.alerts = alerts
    }

    /// Ends after the rounds under way.
    func stop() async {
        schedule.close()
        janitor.cancel()
        await work.value
        await janitor.value
        await alerts?.stop()
    }
}

extension RedisPersistLog.Options {
    /// As configured.
    init(_ configuration: Configuration) {
        self.init()
        entriesPerRoom = configuration.persister.batchMessages
        leaseMilliseconds = UInt64(configuration.persister.leaseMilliseconds)
        idleMilliseconds = UInt64(configuration.janitor.roomIdleMilliseconds)
        silentMilliseconds = UInt64(configuration.janitor.gatewaySilentMilliseconds)
        // A room is to be found idle soon after it is.
        visitMilliseconds = min(visitMilliseconds, idleMilliseconds)
    }
}
