import Application
import Bytes
import Domain

/// Writes spans as the JSON of an OTLP export (opentelemetry-proto, `ExportTraceServiceRequest`): names in lower camel
/// case, ids in hexadecimal, 64-bit numbers as strings, enumerations as numbers.
enum OTLPEncoder {
    /// The body of one export. Spans of one process stand under one resource.
    static func body(_ spans: [TraceSpan], version: String) -> [UInt8] {
        var out = ByteWriter(capacity: 256 + 512 * spans.count)
        out.append("{\"resourceSpans\":[")
        var processes: [TraceProcess] = []
        for span in spans where !processes.contains(span.process) {
            processes.append(span.process)
        }
        for (index, process) in processes.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            append(process, version: version, to: &out)
            var isFirst = true
            for span in spans where span.process == process {
                if !isFirst {
                    out.append(ASCII.comma)
                }
                isFirst = false
                append(span, to: &out)
            }
            out.append("]}]}")
        }
        out.append("]}")
        return out.bytes
    }

    /// The resource and the scope, up to where the spans begin.
    private static func append(_ process: TraceProcess, version: String, to out: inout ByteWriter) {
        out.append("{\"resource\":{\"attributes\":[")
        append("service.name", "shoot-\(process.kind.rawValue)", to: &out)
        out.append(ASCII.comma)
        append("service.instance.id", process.id, to: &out)
        out.append(ASCII.comma)
        append("service.version", version, to: &out)
        out.append("]},\"scopeSpans\":[{\"scope\":{\"name\":\"shoot\",\"version\":")
        out.append(jsonString: version)
        out.append("},\"spans\":[")
    }

    private static func append(_ span: TraceSpan, to out: inout ByteWriter) {
        out.append(utf8: "{\"traceId\":\"\(span.context.traceID)\",\"spanId\":\"\(span.context.spanID)\"")
        if let parent = span.parent {
            out.append(utf8: ",\"parentSpanId\":\"\(parent)\"")
        }
        out.append(utf8: ",\"name\":\"\(span.stage.rawValue)\",\"kind\":\(kind(of: span.stage))")
        out.append(utf8: ",\"startTimeUnixNano\":\"\(span.start.nanoseconds)\"")
        // A clock that was set back must not make a span end before it began.
        out.append(utf8: ",\"endTimeUnixNano\":\"\(max(span.end, span.start).nanoseconds)\",\"attributes\":[")
        let subject = span.subject
        var attributes: [(key: StaticString, value: String, isNumber: Bool)] = []
        if span.process.kind == .gateway {
            attributes.append(("shoot.gateway.id", span.process.id, false))
        }
        if let room = subject.roomID { attributes.append(("shoot.room.id", room.hex, false)) }
        if let message = subject.messageID { attributes.append(("shoot.message.id", message.hex, false)) }
        if let seq = subject.seq { attributes.append(("shoot.message.seq", "\(seq)", true)) }
        if let count = subject.subscribers { attributes.append(("shoot.subscribers", "\(count)", true)) }
        for (index, attribute) in attributes.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            append(attribute.key, attribute.value, isNumber: attribute.isNumber, to: &out)
        }
        out.append("]")
        if let fault = span.fault {
            // 2 is STATUS_CODE_ERROR.
            out.append(",\"status\":{\"code\":2,\"message\":")
            out.append(jsonString: fault)
            out.append("}")
        }
        out.append("}")
    }

    private static func append(
        _ key: StaticString, _ value: String, isNumber: Bool = false, to out: inout ByteWriter
    ) {
        out.append("{\"key\":\"")
        out.append(key)
        out.append(isNumber ? "\",\"value\":{\"intValue\":" : "\",\"value\":{\"stringValue\":")
        out.append(jsonString: value)
        out.append("}}")
    }

    /// `SpanKind`: 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER.
    private static func kind(of stage: TraceSpan.Stage) -> Int {
        switch stage {
        case .receive: 2
        case .publish: 4
        case .deliver, .claim: 5
        case .store, .finish: 3
        }
    }
}
