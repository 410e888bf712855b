import Domain
import Telemetry

/// What a gateway counts. Each is described in `docs/operations.md`.
public final class GatewayMetrics: Sendable {
    public let connections: Gauge
    public let connectionsOpened: Counter
    public let subscriptions: Gauge
    public let openRooms: Gauge
    public let roomsWarmed: Counter
    public let sends: Counter
    public let changes: Counter
    public let deliveries: Counter
    public let rereads: Counter
    public let gapsFilled: Counter
    public let losses: Counter
    public let unreadableEntries: Counter
    public let logLag: Gauge
    public let publishLatency: Histogram
    public let deliveryLatency: Histogram
    public let sessionsReplaced: Counter
    public let typing: Counter
    public let ephemeralDropped: Counter
    private let skippedChecks: [LimitCheck: Counter]
    private let errors: [ErrorCode: Counter]
    private let resumes: [EncodedEvent.Recovery: Counter]

    /// Registers them all.
    public init(registry: MetricsRegistry) {
        connections = registry.gauge("shoot_connections", "WebSocket connections that are open.")
        connectionsOpened = registry.counter("shoot_connections_opened_total", "WebSocket connections ever opened.")
        subscriptions = registry.gauge("shoot_subscriptions", "STOMP subscriptions that are active.")
        openRooms = registry.gauge("shoot_rooms_open", "Rooms whose log this gateway reads.")
        roomsWarmed = registry.counter("shoot_rooms_warmed_total", "Rooms loaded from MongoDB into Redis.")
        sends = registry.counter("shoot_sends_total", "Messages accepted from clients.")
        changes = registry.counter(
            "shoot_message_changes_total", "Edits, deletions and reactions that clients asked for and were granted.")
        deliveries = registry.counter("shoot_deliveries_total", "Messages handed to subscribers' sockets.")
        rereads = registry.counter("shoot_log_rereads_total", "Reads of a room log again from the cursor.")
        gapsFilled = registry.counter("shoot_log_gaps_filled_total", "Pages read from MongoDB to fill a gap.")
        losses = registry.counter(
            "shoot_log_losses_total", "Times that Redis no longer had what had been read out of a room's log.")
        unreadableEntries = registry.counter(
            "shoot_log_unreadable_total", "Log entries that this release could not read.")
        logLag = registry.gauge(
            "shoot_log_lag_entries", "Entries that were rung for in open rooms and are not read yet.")
        publishLatency = registry.histogram(
            "shoot_publish_seconds", "From a SEND accepted to its message in the room log.")
        deliveryLatency = registry.histogram(
            "shoot_delivery_seconds", "From a message in the room log to its frames in the sockets' queues.")
        sessionsReplaced = registry.counter(
            "shoot_sessions_replaced_total", "Sessions ended because their user began more than allowed.")
        typing = registry.counter("shoot_typing_total", "Typing events of open rooms that came from Redis.")
        ephemeralDropped = registry.counter(
            "shoot_ephemeral_dropped_total", "Typing events not delivered because a client or the gateway was behind.")
        skippedChecks = Dictionary(
            uniqueKeysWithValues: LimitCheck.allCases.map { check in
                let label = "limit=\"\(check.rawValue)\""
                return (
                    check,
                    registry.counter(
                        "shoot_limit_checks_skipped_total", "Limits not applied because Redis did not answer.",
                        label: label)
                )
            })
        errors = Dictionary(
            uniqueKeysWithValues: ErrorCode.allCases.map { code in
                let label = "code=\"\(code.rawValue)\""
                return (code, registry.counter("shoot_errors_total", "Errors told to clients.", label: label))
            })
        resumes = Dictionary(
            uniqueKeysWithValues: EncodedEvent.Recovery.allCases.map { source in
                let label = "from=\"\(source.rawValue)\""
                return (source, registry.counter("shoot_resumes_total", "Subscriptions resumed.", label: label))
            })
    }

    /// Counts a subscription that is told what it missed.
    func count(resumeFrom source: EncodedEvent.Recovery) { resumes[source]?.add() }

    /// What is limited across gateways, and goes on without a limit where Redis does not answer.
    public enum LimitCheck: String, CaseIterable, Sendable {
        case sessions, messages, logins
    }

    /// Counts a limit that was not applied.
    public func count(skipped check: LimitCheck) { skippedChecks[check]?.add() }

    /// Counts an error that a client was told.
    public func count(_ code: ErrorCode) { errors[code]?.add() }
}
