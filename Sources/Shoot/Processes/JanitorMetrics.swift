import Application
import Domain
import Telemetry

/// What a janitor counts. Each is described in `docs/operations.md`.
struct JanitorMetrics: Sendable {
    private let cooled: Counter
    private let swept: Counter
    private let putBack: Counter
    private let visited: Counter
    private let consumers: Counter
    private let differing: Counter
    private let failedRounds: Counter
    private let lastRun: Gauge

    init(registry: MetricsRegistry) {
        cooled = registry.counter("shoot_janitor_rooms_cooled_total", "Idle rooms taken out of Redis.")
        swept = registry.counter("shoot_janitor_groups_swept_total", "Consumer groups of dead gateways taken away.")
        putBack = registry.counter(
            "shoot_janitor_rooms_put_back_total", "Rooms with unsaved messages that the persister did not know of.")
        visited = registry.counter("shoot_janitor_rooms_visited_total", "Looks at rooms that are in Redis.")
        consumers = registry.counter(
            "shoot_janitor_consumers_deleted_total", "Idle consumers deleted that are not the persister's own.")
        differing = registry.counter(
            "shoot_janitor_rooms_differing_total",
            "Looks at idle rooms that MongoDB had otherwise than Redis twice running.")
        failedRounds = registry.counter(
            "shoot_janitor_rounds_failed_total", "Rounds that Redis or MongoDB did not answer.")
        lastRun = registry.gauge(
            "shoot_janitor_last_run_timestamp_seconds",
            "When this process last ended a round, or started; 0: it stands by.")
        // Nobody is late before the first round was due.
        lastRun.set(wallClock().milliseconds / 1000)
    }

    func count(_ result: Result<Janitor.Report, RoomLogError>, logger: Logger) {
        switch result {
        case .failure(let error):
            failedRounds.add()
            logger.warning("janitor.redis_away", ["cause": .string("\(error)")])
        case .success(let report):
            cooled.add(UInt64(report.roomsCooled))
            swept.add(UInt64(report.groupsSwept))
            putBack.add(UInt64(report.roomsPutBack))
            visited.add(UInt64(report.roomsVisited))
            consumers.add(UInt64(report.consumersDeleted))
            differing.add(UInt64(report.roomsDiffering.count))
            lastRun.set(wallClock().milliseconds / 1000)
            if let room = report.roomsDiffering.first {
                logger.warning(
                    "janitor.rooms_differ",
                    ["rooms": .integer(Int64(report.roomsDiffering.count)), "first": .string(room.hex)])
            }
            if let error = report.storeError {
                failedRounds.add()
                logger.warning("janitor.store_away", ["cause": .string("\(error)")])
            }
        }
    }

    /// Another process does the work.
    func standBy() { lastRun.set(0) }
}
