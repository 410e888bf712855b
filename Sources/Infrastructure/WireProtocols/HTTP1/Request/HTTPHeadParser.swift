import Bytes
import CHTTPParser

/// The one owner of an http-parser: it lives for the length of one call and is given one whole head.
///
/// Debian's library is built in its lenient mode (several spaces in the request line, one in a field name, any byte in a target), so that what it
/// lets pass is checked again by whoever makes a request of its findings.
enum HTTPHeadParser {
    /// What the parser found; ranges are places in the head.
    struct Findings {
        var target = 0..<0
        var fields: [HTTPFields.Field] = []
        var isComplete = false
        var keepsAlive = false
        var wantsUpgrade = false
        var method: HTTPMethod?
        var version: (major: UInt16, minor: UInt16) = (0, 0)
    }

    /// Parses a head, which ends with its empty line.
    static func parse(_ head: [UInt8]) throws(HTTPRequestError) -> Findings {
        let outcome: Result<Findings, HTTPRequestError> = head.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else {
                return .failure(.malformedRequestLine)
            }
            var sink = Sink(base: base)
            var parser = http_parser()
            http_parser_init(&parser, HTTP_REQUEST)
            withUnsafeMutablePointer(to: &sink) { pointer in
                parser.data = UnsafeMutableRawPointer(pointer)
                var settings = callbacks
                _ = http_parser_execute(&parser, &settings, base, bytes.count)
            }
            guard sink.findings.isComplete else {
                return .failure(error(http_errno(UInt32(parser.http_errno)), isInFields: !sink.findings.fields.isEmpty))
            }
            return .success(sink.findings)
        }
        return try outcome.get()
    }

    private static func error(_ code: http_errno, isInFields: Bool) -> HTTPRequestError {
        switch code {
        case HPE_INVALID_METHOD: .unknownMethod
        case HPE_INVALID_HEADER_TOKEN: .malformedField
        case HPE_INVALID_CONTENT_LENGTH, HPE_UNEXPECTED_CONTENT_LENGTH: .ambiguousLength
        case HPE_INVALID_TRANSFER_ENCODING: .unknownTransferCoding
        case HPE_INVALID_URL: .malformedTarget
        default: isInFields ? .malformedField : .malformedRequestLine
        }
    }

    private static var callbacks: http_parser_settings {
        var settings = http_parser_settings()
        settings.on_url = { parser, start, count in
            with(parser) { $0.findings.target = $0.range(start, count) }
        }
        // Each is called once for a name and once for a value, since the head is there as a whole and has no folds.
        settings.on_header_field = { parser, start, count in
            with(parser) { $0.findings.fields.append(.init(name: $0.range(start, count), value: 0..<0)) }
        }
        settings.on_header_value = { parser, start, count in
            with(parser) { sink in
                guard let last = sink.findings.fields.indices.last else { return }
                sink.findings.fields[last].value = sink.trimmed(start, count)
            }
        }
        settings.on_headers_complete = { parser in
            guard let parser else { return 1 }
            let keepsAlive = http_should_keep_alive(parser) != 0
            let head = parser.pointee
            let name = http_method_str(http_method(UInt32(head.method)))
            _ = with(parser) { sink in
                sink.findings.isComplete = true
                sink.findings.keepsAlive = keepsAlive
                sink.findings.wantsUpgrade = head.upgrade != 0
                sink.findings.version = (head.http_major, head.http_minor)
                sink.findings.method = name.flatMap { HTTPMethod(rawValue: String(cString: $0)) }
            }
            // No body follows for this parser: bodies are decoded by stricter code of our own.
            return 1
        }
        return settings
    }
}

/// Where the callbacks put what they are told; it lives on the stack of the call that runs the parser.
private struct Sink {
    let base: UnsafePointer<CChar>
    var findings = HTTPHeadParser.Findings()

    init(base: UnsafePointer<CChar>) { self.base = base }

    func range(_ start: UnsafePointer<CChar>?, _ count: Int) -> Range<Int> {
        guard let start else { return 0..<0 }
        return (start - base)..<(start - base + count)
    }

    /// The parser leaves the white space that may follow a value (RFC 9112 §5.1) where it is.
    func trimmed(_ start: UnsafePointer<CChar>?, _ count: Int) -> Range<Int> {
        let range = range(start, count)
        let end = range.last { !isBlank(UInt8(bitPattern: base[$0])) }
        return range.lowerBound..<(end.map { $0 + 1 } ?? range.lowerBound)
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }
}

/// Lends the sink of a running parser to `body`; 0, the parser's sign to go on.
private func with(_ parser: UnsafeMutablePointer<http_parser>?, _ body: (inout Sink) -> Void) -> Int32 {
    guard let sink = parser?.pointee.data?.assumingMemoryBound(to: Sink.self) else { return 1 }
    body(&sink.pointee)
    return 0
}
