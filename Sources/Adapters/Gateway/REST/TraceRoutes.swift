import Application
import Bytes
import Domain
import WireProtocols

/// `/debug/traces/{traceId}`: what this process still knows of a trace, for operators.
public struct TraceRoutes: Sendable {
    private let recent: RecentSpans

    public init(recent: RecentSpans) { self.recent = recent }

    /// Adds the route.
    public func add(to router: inout HTTPRouter) {
        router.on(.get, "/debug/traces/{traceId}") { [recent] request async throws(Refusal) in
            let digits = Array((request.parameters["traceId"] ?? "").utf8)
            guard let trace = TraceID(hex: digits.span) else {
                throw .invalid("traceId", "32 lower-case hexadecimal digits, not all zero")
            }
            return .success { TraceRoutes.write(recent.spans(of: trace), of: trace, into: &$0) }
        }
    }

    /// `{"traceId":…,"spans":[…]}`, oldest first. Times are in microseconds: of nanoseconds since 1970 JSON readers
    /// would lose some.
    static func write(_ spans: [TraceSpan], of trace: TraceID, into out: inout ByteWriter) {
        out.append(utf8: "{\"traceId\":\"\(trace)\",\"spans\":[")
        for (index, span) in spans.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            write(span, into: &out)
        }
        out.append("]}")
    }

    private static func write(_ span: TraceSpan, into out: inout ByteWriter) {
        let subject = span.subject
        let process = span.process
        out.append(utf8: "{\"name\":\"\(span.stage.rawValue)\",\"process\":\"\(process.kind.rawValue)\",\"processId\":")
        out.append(jsonString: process.id)
        out.append(utf8: ",\"spanId\":\"\(span.context.spanID)\"")
        out.append(utf8: ",\"parentSpanId\":\(span.parent.map { "\"\($0)\"" } ?? "null")")
        out.append(utf8: ",\"startMicroseconds\":\(span.start.nanoseconds / 1000)")
        out.append(utf8: ",\"durationMicroseconds\":\(span.nanoseconds / 1000)")
        out.append(utf8: ",\"roomId\":\(subject.roomID.map { "\"\($0)\"" } ?? "null")")
        out.append(utf8: ",\"messageId\":\(subject.messageID.map { "\"\($0)\"" } ?? "null")")
        out.append(utf8: ",\"seq\":\(subject.seq.map { "\($0)" } ?? "null")")
        out.append(utf8: ",\"subscribers\":\(subject.subscribers.map { "\($0)" } ?? "null"),\"fault\":")
        if let fault = span.fault {
            out.append(jsonString: fault)
        } else {
            out.append("null")
        }
        out.append("}")
    }
}
