import Application
import Domain
import Telemetry

/// What a persister counts. Each is described in `docs/operations.md`.
struct PersisterMetrics: Sendable {
    private let stored: Counter
    private let duplicates: Counter
    private let rejected: Counter
    private let unreadable: Counter
    private let deadLetters: Counter
    private let claimsLost: Counter
    private let failedRooms: Counter
    private let rounds: Counter
    private let failedRounds: Counter
    private let lag: Gauge
    private let latency: Histogram

    init(registry: MetricsRegistry) {
        stored = registry.counter("shoot_persisted_total", "Messages stored in MongoDB.")
        duplicates = registry.counter(
            "shoot_persist_duplicates_total", "Repeats, stored as tombstones or placeholders.")
        rejected = registry.counter(
            "shoot_persist_rejected_total", "Tries to store a message or a change that MongoDB refused.")
        unreadable = registry.counter(
            "shoot_persist_unreadable_total", "Tries to store a log entry that could not be read.")
        deadLetters = registry.counter(
            "shoot_dead_letters_total", "Log entries that were given up after their tries.")
        claimsLost = registry.counter(
            "shoot_persist_claims_lost_total", "Rooms whose claim ran out before they were finished.")
        failedRooms = registry.counter(
            "shoot_persist_rooms_failed_total",
            "Rooms put off because Redis or MongoDB refused what was asked for them.")
        rounds = registry.counter("shoot_persist_rounds_total", "Rounds that found something to store.")
        failedRounds = registry.counter(
            "shoot_persist_rounds_failed_total", "Rounds that Redis or MongoDB did not answer.")
        lag = registry.gauge(
            "shoot_persist_lag_milliseconds",
            "Age of the oldest message of the last round when it was stored; 0 where nothing waited.")
        latency = registry.histogram(
            "shoot_persist_seconds", "From the oldest message of a round in the room log to all of them in MongoDB.")
    }

    func count(_ report: PersistWorker.Report, logger: Logger) {
        if let error = report.logError {
            failedRounds.add()
            logger.warning("persist.redis_away", ["cause": .string("\(error)")])
        } else if report.rooms == 0 {
            lag.set(0)
        }
        guard report.rooms > 0 else { return }
        rounds.add()
        if let oldest = report.oldest {
            let age = max(wallClock().milliseconds - oldest.milliseconds, 0)
            lag.set(age)
            latency.observe(microseconds: UInt64(age) * 1000)
        }
        stored.add(UInt64(report.stored))
        duplicates.add(UInt64(report.duplicates))
        rejected.add(UInt64(report.rejected))
        unreadable.add(UInt64(report.unreadable))
        deadLetters.add(UInt64(report.deadLetters.count))
        if let first = report.deadLetters.first {
            logger.warning(
                "persist.dead_letters",
                ["count": .integer(Int64(report.deadLetters.count)), "first": .string("\(first)")])
        }
        claimsLost.add(UInt64(report.claimsLost))
        failedRooms.add(UInt64(report.failedRooms))
        if let error = report.storeError {
            failedRounds.add()
            logger.warning("persist.store_away", ["cause": .string("\(error)")])
        }
    }
}
