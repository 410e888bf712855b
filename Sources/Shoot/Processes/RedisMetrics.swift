import Redis
import Telemetry

/// What is shown of the Redis server. Each is described in `docs/operations.md`.
struct RedisMetrics: Sendable {
    private let used: Gauge
    private let limit: Gauge
    private let isShort: Gauge
    private let isUp: Gauge
    private let shortcomings: Gauge

    init(registry: MetricsRegistry) {
        used = registry.gauge("shoot_redis_memory_used_bytes", "Memory of Redis in use, as its limit counts it.")
        limit = registry.gauge("shoot_redis_memory_limit_bytes", "The limit of Redis' memory; 0 for none.")
        isShort = registry.gauge(
            "shoot_redis_memory_short", "Whether new messages are refused because Redis has little memory left.")
        isUp = registry.gauge("shoot_redis_up", "Whether Redis answered when it was asked last.")
        shortcomings = registry.gauge(
            "shoot_redis_shortcomings", "What makes this Redis less safe than it should be, counted.")
    }

    func show(_ monitor: RedisMonitor) {
        isUp.set(monitor.memory == nil ? 0 : 1)
        if let memory = monitor.memory {
            used.set(Int64(clamping: memory.usedBytes))
            limit.set(Int64(clamping: memory.limitBytes))
        }
        isShort.set(monitor.isMemoryShort ? 1 : 0)
        shortcomings.set(Int64(monitor.facts?.shortcomings(durable: true).count ?? 0))
    }
}
