extension ByteWriter {
    /// Appends a string as JSON writes it, quotes included (RFC 8259 §7).
    public mutating func append(jsonString text: String) {
        var copy = text
        copy.withUTF8 { append(jsonString: $0.span) }
    }

    /// Appends UTF-8 as a JSON string, quotes included. What needs no escape is copied in runs.
    public mutating func append(jsonString text: Span<UInt8>) {
        append(ASCII.quote)
        var start = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash else { continue }
            append(text.extracting(start..<index))
            appendEscape(of: byte)
            start = index + 1
        }
        append(text.extracting(start..<text.count))
        append(ASCII.quote)
    }

    private mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case ASCII.quote: append("\\\"")
        case ASCII.backslash: append("\\\\")
        case ASCII.lineFeed: append("\\n")
        case ASCII.carriageReturn: append("\\r")
        case ASCII.tab: append("\\t")
        default:
            append("\\u00")
            append(ASCII.hexDigit(byte >> 4))
            append(ASCII.hexDigit(byte & 0xF))
        }
    }
}
