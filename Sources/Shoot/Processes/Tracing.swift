import Application
import Domain
import EventLoop
import Gateway
import Outbound
import Telemetry

/// Where the spans of a process go: into a ring that can be asked, to a collector, both or neither.
struct Tracing: Sendable {
    private let recent: RecentSpans?
    private let exporter: SpanExporter?
    private let sampleRatio: Double

    /// Sets up what is configured; the exporter's timer runs on `loop`.
    static func start(
        _ configuration: Configuration, registry: MetricsRegistry, on loop: EventLoop, logger: Logger
    ) async throws -> Tracing {
        let telemetry = configuration.telemetry
        var exporter: SpanExporter?
        if !telemetry.otlpEndpoint.isEmpty {
            let made = try SpanExporter(
                endpoint: telemetry.otlpEndpoint, version: Version.number, registry: registry, logger: logger)
            let period = OutgoingLimits.exportMilliseconds
            try await loop.submit {
                _ = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { made.tick() }
            }
            exporter = made
        }
        return Tracing(
            recent: telemetry.recentSpans > 0 ? RecentSpans(capacity: telemetry.recentSpans) : nil,
            exporter: exporter, sampleRatio: telemetry.sampleRatio)
    }

    /// What one part of the process records with; nil where its spans would go nowhere.
    func tracer(_ kind: TraceProcess.Kind, id: String) -> Tracer? {
        guard recent != nil || exporter != nil else { return nil }
        return Tracer(
            process: TraceProcess(kind: kind, id: id), sampleRatio: sampleRatio, clock: wallTime
        ) { [recent, exporter] span in
            recent?.add(span)
            exporter?.add(span)
        }
    }

    /// Adds the route that the ring is asked by, where there is one.
    func addRoutes(to router: inout HTTPRouter) {
        if let recent {
            TraceRoutes(recent: recent).add(to: &router)
        }
    }

    /// Exports what still waits, for a bounded time.
    func stop() async { await exporter?.stop() }
}

extension HTTPExchange {
    /// Writes a line about a request that failed through no fault of its client. Being turned away for being one too
    /// many is counted only: a flood of those must not become a flood of lines.
    func log(_ logger: Logger) {
        guard let errorCode, status >= 500, errorCode != .tooMany else { return }
        logger.warning(
            "http.failed",
            [
                "traceId": .string("\(traceID)"), "route": .string(route ?? ""), "status": .integer(Int64(status)),
                "code": .string(errorCode.rawValue), "milliseconds": .integer(Int64(milliseconds)),
            ])
    }
}
