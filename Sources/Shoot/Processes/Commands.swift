import EventLoop
import Gateway
import Launcher
import Mongo
import Postgres
import Telemetry

/// `shoot gateway`.
enum GatewayCommand {
    static func run(_ configuration: Configuration) async throws {
        let process = try await ProcessLifecycle.start(
            "gateway", id: configuration.gatewayID, loops: configuration.startLoops(), configuration)
        let gateway = try await RunningGateway.start(in: process, ids: .ofThisProcess())
        await process.run(at: gateway.address) { await gateway.stop() }
    }
}

/// `shoot persister`.
enum PersisterCommand {
    static func run(_ configuration: Configuration) async throws {
        let process = try await ProcessLifecycle.start(
            "persister", id: "persister", loops: [EventLoop.start(name: "loop-0")], configuration)
        let persister = try await RunningPersister.start(in: process, ids: .ofThisProcess())
        var router = HTTPRouter()
        HealthRoutes(
            checks: [process.redis.healthCheck, process.stores.mongoHealth], registry: process.registry,
            isStopping: { [stop = process.stop] in stop.isAsked }
        ).add(to: &router)
        process.tracing.addRoutes(to: &router)
        let server = try await HTTPServer.start(
            on: process.loops,
            configuration: HTTPServer.Configuration(address: configuration.persister.address, router: router))
        await process.run(at: server.address) {
            await server.stopAccepting()
            await persister.stop()
            await server.drain(graceMilliseconds: 1000)
        }
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
        let process = try await ProcessLifecycle.start(
            "local", id: "local", loops: configuration.startLoops(), configuration)
        let ids = MessageIDs.ofThisProcess()
        let persister = try await RunningPersister.start(in: process, ids: ids)
        let gateway = try await RunningGateway.start(in: process, ids: ids)
        say("Shoot is up on http://\(gateway.address): Ctrl-C stops it.")
        await process.run(at: gateway.address) {
            await gateway.stop()
            await persister.stop()
        }
    }
}
