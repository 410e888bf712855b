import Application
import Synchronization
import Telemetry
import Threads

/// Brings spans to an OpenTelemetry collector, in batches, on a thread of its own. Whoever records a span never waits:
/// what the collector does not take in time is dropped and counted.
///
/// ```swift
/// let exporter = try SpanExporter(
///     endpoint: "http://collector:4318", version: "1.0.0", registry: registry, logger: logger)
/// exporter.add(span)
/// exporter.tick()          // each second
/// await exporter.stop()
/// ```
public final class SpanExporter: Sendable {
    private let url: String
    private let version: String
    private let client: OutboundClient
    private let thread = BlockingPool(name: "spans", threads: 1, maxQueued: 1)
    private let queue = Mutex(
        SpanQueue(maxWaiting: OutgoingLimits.maxWaitingSpans, maxPerExport: OutgoingLimits.maxSpansPerExport))
    private let isFailing = Atomic<Bool>(false)
    private let logger: Logger
    private let exported: Counter
    private let dropped: Counter
    private let failures: Counter

    /// - Parameter endpoint: the collector's URL, before `/v1/traces`.
    /// - Throws: `OutboundError` where libcurl cannot be set up.
    public init(
        endpoint: String, version: String, registry: MetricsRegistry, logger: Logger
    ) throws(OutboundError) {
        url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
        self.version = version
        self.logger = logger
        client = try OutboundClient()
        exported = registry.counter("shoot_spans_exported_total", "Spans that the collector took.")
        dropped = registry.counter(
            "shoot_spans_dropped_total", "Spans given up: too many waited, or their export failed.")
        failures = registry.counter("shoot_span_exports_failed_total", "Exports that the collector did not take.")
    }

    /// Takes a span. Any thread; does not block.
    public func add(_ span: TraceSpan) {
        switch queue.withLock({ $0.add(span) }) {
        case .waits: break
        case .completesExport: tick()
        case .dropped: dropped.add()
        }
    }

    /// Begins to export what waits, if nothing is under way. To be called every `OutgoingLimits.exportMilliseconds`.
    public func tick() {
        // Once it stops, exports get less time, and `stop` itself begins them.
        guard let spans = queue.withLock({ $0.isClosed ? nil : $0.take() }) else { return }
        Task { await export(spans, timeoutMilliseconds: OutgoingLimits.exportTimeoutMilliseconds) }
    }

    /// Exports what waits, for a bounded time, and ends the thread. What is left is dropped.
    public func stop() async {
        queue.withLock { $0.close() }
        let deadline = ContinuousClock.now + .milliseconds(OutgoingLimits.flushMilliseconds)
        while !queue.withLock({ $0.isIdle }) {
            let left = (deadline - .now) / .milliseconds(1)
            guard left >= 1 else { break }
            if let spans = queue.withLock({ $0.take() }) {
                await export(spans, timeoutMilliseconds: Int(left))
            } else {
                await pause()
            }
        }
        dropped.add(UInt64(queue.withLock { $0.abandon() }))
        await thread.shutdown()
        // The last export has its answer, or its time-out: it only has to be counted.
        while !queue.withLock({ $0.isIdle }) {
            await pause()
        }
    }

    private func pause() async {
        try? await Task.sleep(for: .milliseconds(OutgoingLimits.flushPollMilliseconds))
    }

    private func export(_ spans: [TraceSpan], timeoutMilliseconds: Int) async {
        let request = OutboundRequest(
            url: url, headers: ["Content-Type: application/json"], body: OTLPEncoder.body(spans, version: version),
            timeoutMilliseconds: timeoutMilliseconds)
        let fault = await post(request)
        if let fault {
            failures.add()
            dropped.add(UInt64(spans.count))
            // Once when it begins: a collector may be away for hours.
            if !isFailing.exchange(true, ordering: .relaxed) {
                logger.warning("spans.export_failed", ["cause": .string(fault)])
            }
        } else {
            exported.add(UInt64(spans.count))
            if isFailing.exchange(false, ordering: .relaxed) {
                logger.info("spans.export_works_again")
            }
        }
        if queue.withLock({ $0.exported() }) {
            tick()
        }
    }

    /// What went wrong; nil where the collector took all.
    private func post(_ request: OutboundRequest) async -> String? {
        do {
            let answer = try await thread.run { [client] in try client.exchange(request) }
            return (200..<300).contains(answer.status) ? nil : "the collector answered \(answer.status)"
        } catch {
            return "\(error)"
        }
    }
}
