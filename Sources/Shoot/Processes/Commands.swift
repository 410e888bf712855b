import EventLoop
import Gateway
import Launcher
import Mongo
import Postgres
import Security
import Telemetry

/// `shoot gateway`.
enum GatewayCommand {
    static func run(_ configuration: Configuration) async throws {
        let logger = configuration.logger(configuration.gatewayID)
        let loops = try configuration.startLoops()
        let stop = try await StopSignal.observe(on: loops[0])
        let stores = try Stores(configuration, process: "gateway", logger: logger)
        let registry = MetricsRegistry()
        let tracing = try await Tracing.start(configuration, registry: registry, on: loops[0], logger: logger)
        let redis = try await RedisLinks.start(
            configuration, stores: stores, loops: loops, registry: registry, logger: logger)
        let gateway = try await RunningGateway.start(
            configuration, stores: stores, loops: loops, ids: .ofThisProcess(), registry: registry,
            tracing: tracing, redis: redis, stop: stop, logger: logger)
        logger.info("gateway.started", ["address": .string("\(gateway.address)")])
        await stop.wait()
        logger.info("gateway.stopping")
        StopLimit.begin(seconds: configuration.shutdown.graceSeconds, logger: logger)
        await gateway.stop()
        redis.stop()
        await tracing.stop()
        await stores.shutdown()
        logger.info("gateway.stopped")
    }
}

/// `shoot persister`.
enum PersisterCommand {
    static func run(_ configuration: Configuration) async throws {
        let logger = configuration.logger("persister")
        let loop = try EventLoop.start(name: "loop-0")
        let stop = try await StopSignal.observe(on: loop)
        let stores = try Stores(configuration, process: "persister", logger: logger)
        let registry = MetricsRegistry()
        let tracing = try await Tracing.start(configuration, registry: registry, on: loop, logger: logger)
        let redis = try await RedisLinks.start(
            configuration, stores: stores, loops: [loop], registry: registry, logger: logger)
        let persister = try await RunningPersister.start(
            configuration, stores: stores, loop: loop, ids: .ofThisProcess(), registry: registry, tracing: tracing,
            redis: redis, logger: logger)
        var router = HTTPRouter()
        HealthRoutes(
            checks: [redis.healthCheck, stores.mongoHealth], registry: registry, isStopping: { stop.isAsked }
        ).add(to: &router)
        tracing.addRoutes(to: &router)
        let server = try await HTTPServer.start(
            on: [loop],
            configuration: HTTPServer.Configuration(
                address: try configuration.address(port: configuration.persister.httpPort), router: router))
        logger.info("persister.started", ["address": .string("\(server.address)")])
        await stop.wait()
        logger.info("persister.stopping")
        StopLimit.begin(seconds: configuration.shutdown.graceSeconds, logger: logger)
        await server.stopAccepting()
        await persister.stop()
        redis.stop()
        await tracing.stop()
        await server.drain(graceMilliseconds: 1000)
        await stores.shutdown()
        logger.info("persister.stopped")
    }
}

/// `shoot migrate`.
enum MigrateCommand {
    static func run(_ configuration: Configuration) async throws {
        let logger = configuration.logger("migrate")
        let stores = try Stores(configuration, process: "migrate", logger: logger)
        try await PostgresMigrator.migrate(stores.postgres)
        try await MongoSchema.migrate(stores.mongo)
        await stores.shutdown()
        logger.info("migrate.done")
    }
}

/// `shoot local`: a gateway and a persister in one process, on servers that it starts or is given.
enum LocalCommand {
    static func run(_ configuration: Configuration) async throws {
        let folder = try StateFolder(".state/local")
        let stack = try Stack.start(in: folder, ports: .fixed, environment: configuration.stores.given) {
            say("  \($0)")
        }
        defer { stack.stop() }
        let local = try Configuration.load(
            environment: environment().merging(stack.environment) { _, started in started }, hostName: hostName())
        try await MigrateCommand.run(local)
        try await serve(local)
    }

    private static func serve(_ configuration: Configuration) async throws {
        let logger = configuration.logger("local")
        let loops = try configuration.startLoops()
        let stop = try await StopSignal.observe(on: loops[0])
        let stores = try Stores(configuration, process: "local", logger: logger)
        let (registry, ids) = (MetricsRegistry(), MessageIDs.ofThisProcess())
        let tracing = try await Tracing.start(configuration, registry: registry, on: loops[0], logger: logger)
        let redis = try await RedisLinks.start(
            configuration, stores: stores, loops: loops, registry: registry, logger: logger)
        let persister = try await RunningPersister.start(
            configuration, stores: stores, loop: loops[0], ids: ids, registry: registry, tracing: tracing,
            redis: redis, logger: logger)
        let gateway = try await RunningGateway.start(
            configuration, stores: stores, loops: loops, ids: ids, registry: registry, tracing: tracing,
            redis: redis, stop: stop, logger: logger)
        say("Shoot is up on http://\(gateway.address): Ctrl-C stops it.")
        await stop.wait()
        await gateway.stop()
        await persister.stop()
        redis.stop()
        await tracing.stop()
        await stores.shutdown()
    }
}

extension MessageIDs {
    /// Ids that no other process gives: the process's part and the start of the counter are random.
    static func ofThisProcess() -> MessageIDs {
        let bytes = SecureRandom.bytes(8)
        let process = bytes.prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return MessageIDs(process: process, start: bytes.suffix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
}
