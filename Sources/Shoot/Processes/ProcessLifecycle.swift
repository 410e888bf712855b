import EventLoop
import Redis
import Telemetry

/// What every process that serves has, from its start to its end: loops, stores, links to Redis, metrics, traces. Its parts
/// are begun when all of that is there, and end before it does.
struct ProcessLifecycle: Sendable {
    let configuration: Configuration
    let loops: [EventLoop]
    let stop: StopSignal
    let stores: Stores
    let registry: MetricsRegistry
    let tracing: Tracing
    let redis: RedisLinks
    let logger: Logger

    /// - Parameters:
    ///   - name: what kind of process it is, for the stores.
    ///   - id: which one of them, in its log lines.
    /// - Throws: what can't be set up, such as the `ConfigurationError` of a store's URL.
    static func start(
        _ name: String, id: String, loops: [EventLoop], _ configuration: Configuration
    ) async throws -> ProcessLifecycle {
        let logger = configuration.logger(id)
        let stop = try await StopSignal.observe(on: loops[0])
        let stores = try Stores(configuration, process: name, logger: logger)
        let registry = MetricsRegistry()
        let tracing = try await Tracing.start(configuration, registry: registry, on: loops[0], logger: logger)
        let redis = try await RedisLinks.start(
            configuration, stores: stores, loops: loops, registry: registry, logger: logger)
        return ProcessLifecycle(
            configuration: configuration, loops: loops, stop: stop, stores: stores, registry: registry,
            tracing: tracing, redis: redis, logger: logger)
    }

    /// Waits until a stop is asked for, ends the parts, then what they stood on: within `shutdown.graceSeconds`, whatever
    /// hangs.
    /// - Parameter address: where it listens.
    func run(at address: SocketAddress, endParts: () async -> Void) async {
        logger.info("process.started", ["address": .string("\(address)")])
        await stop.wait()
        logger.info("process.stopping")
        StopLimit.begin(seconds: configuration.shutdown.graceSeconds, logger: logger)
        await endParts()
        redis.stop()
        await tracing.stop()
        await stores.shutdown()
        logger.info("process.stopped")
    }
}
