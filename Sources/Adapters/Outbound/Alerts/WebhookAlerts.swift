import Application
import Bytes
import Synchronization
import Telemetry
import Threads

/// Tells operators of dead letters by a webhook, in the form that Slack takes: `{"text": …}`. Whoever reports one never
/// waits: alerts go out on a thread of their own, and what can't be delivered is given up in the end.
///
/// ```swift
/// let alerts = try WebhookAlerts(url: url, registry: registry, logger: logger)
/// alerts.add(report.deadLetters)
/// alerts.tick()          // each second
/// await alerts.stop()
/// ```
/// The URL is a secret: neither logs nor metrics name it. An alert holds no text of a message.
public final class WebhookAlerts: Sendable {
    /// How often to call `tick`, ms.
    public static let tickMilliseconds = AlertLimits.tickMilliseconds

    private let url: String
    private let client: OutboundClient
    private let limits: AlertLimits
    private let queue: Mutex<AlertQueue>
    private let thread = BlockingPool(name: "alerts", threads: 1, maxQueued: 1)
    private let start = ContinuousClock.now
    private let logger: Logger
    private let sent: Counter
    private let failures: Counter
    private let dropped: Counter
    private let breaker: Gauge

    /// - Throws: `OutboundError` where libcurl cannot be set up.
    public convenience init(url: String, registry: MetricsRegistry, logger: Logger)
        throws(OutboundError)
    {
        try self.init(url: url, limits: AlertLimits(), registry: registry, logger: logger)
    }

    init(url: String, limits: AlertLimits, registry: MetricsRegistry, logger: Logger)
        throws(OutboundError)
    {
        self.url = url
        self.limits = limits
        self.logger = logger
        queue = Mutex(AlertQueue(limits: limits))
        client = try OutboundClient()
        sent = registry.counter("shoot_alerts_sent_total", "Alerts that the webhook took.")
        failures = registry.counter(
            "shoot_alerts_failed_total", "Attempts to send an alert that failed.")
        dropped = registry.counter(
            "shoot_alerts_dropped_total", "Alerts that were given up after their attempts.")
        breaker = registry.gauge(
            "shoot_alerts_breaker_open",
            "1 while the webhook is left alone because it failed time and again.")
    }

    /// Takes what is to be told. Any thread; does not block.
    public func add(_ letters: [EntryID]) {
        guard !letters.isEmpty else { return }
        queue.withLock { $0.add(letters) }
        tick()
    }

    /// Begins to send what waits, if it is time and nothing is under way.
    public func tick() {
        let now = self.now
        guard let alert = queue.withLock({ $0.isClosed ? nil : $0.take(at: now) }) else { return }
        Task { await send(alert, timeoutMilliseconds: limits.timeoutMilliseconds) }
    }

    /// Makes a last attempt with what waits, for a bounded time, and ends the thread.
    public func stop() async {
        queue.withLock { $0.close() }
        let deadline = ContinuousClock.now + .milliseconds(limits.flushMilliseconds)
        while !queue.withLock({ $0.isIdle }), ContinuousClock.now < deadline {
            await pause()
        }
        if let alert = queue.withLock({ $0.takeAnyway() }) {
            await send(alert, timeoutMilliseconds: limits.flushMilliseconds)
        }
        await thread.shutdown()
        // What was under way has its answer, or its time-out: it only has to be counted.
        while !queue.withLock({ $0.isIdle }) {
            await pause()
        }
    }

    private func pause() async {
        try? await Task.sleep(for: .milliseconds(OutgoingLimits.flushPollMilliseconds))
    }

    /// Milliseconds since it was made.
    private var now: UInt64 { UInt64((ContinuousClock.now - start) / .milliseconds(1)) }

    private func send(_ alert: AlertQueue.Alert, timeoutMilliseconds: Int) async {
        let request = OutboundRequest(
            url: url, headers: ["Content-Type: application/json"], body: Self.body(alert),
            timeoutMilliseconds: timeoutMilliseconds)
        var fault: (cause: String, isFinal: Bool)?
        do {
            let status = try await thread.run { [client] in try client.exchange(request) }.status
            if !(200..<300).contains(status) {
                // A webhook that is unknown or withdrawn stays so; one that is asked too often, or too slow, does not.
                let isFinal = (300..<500).contains(status) && status != 408 && status != 429
                fault = ("it answered \(status)", isFinal)
            }
        } catch {
            fault = ("\(error)", false)
        }
        let now = self.now
        guard let fault else {
            sent.add()
            breaker.set(0)
            queue.withLock { $0.delivered(at: now) }
            return
        }
        failures.add()
        let (failure, isOpen) = queue.withLock { queue in
            (queue.failed(alert, isFinal: fault.isFinal, at: now), queue.isOpen)
        }
        breaker.set(isOpen ? 1 : 0)
        if failure == .givenUp {
            dropped.add()
        }
        logger.warning(
            "alerts.not_sent", ["cause": .string(fault.cause), "givenUp": .string(failure == .givenUp ? "yes" : "no")])
    }

    /// What is posted; it names entries, and nothing that they hold.
    static func body(_ alert: AlertQueue.Alert) -> [UInt8] {
        let what = alert.count == 1 ? "A message" : "\(alert.count) messages"
        let first = alert.count == 1 ? "dead letter" : "dead letters, the first of them"
        var out = ByteWriter(capacity: 256)
        out.append("{\"text\":")
        out.append(jsonString: "Shoot: \(what) could not be stored: \(first) \(alert.first). See shoot dlq list.")
        out.append("}")
        return out.bytes
    }
}
