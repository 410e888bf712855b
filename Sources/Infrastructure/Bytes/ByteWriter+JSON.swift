extension ByteWriter {
    /// Appends a string as JSON writes it, quotes included (RFC 8259 §7).
    public mutating func append(jsonString text: String) {
        var copy = text
        copy.withUTF8 { append(jsonString: $0.span) }
    }

    /// Appends UTF-8 as a JSON string, quotes included. What needs no escape is copied in runs.
    public mutating func append(jsonString text: Span<UInt8>) {
        append(ASCII.quote)
        text.withUnsafeBytes { utf8 in
            var start = 0
            while start < utf8.count {
                var highBits: UInt64 = 0
                let special = JSONScan.special(in: utf8, from: start, highBits: &highBits)
                append(UnsafeRawBufferPointer(rebasing: utf8[start..<special]))
                if special < utf8.count {
                    appendEscape(of: utf8[special])
                }
                start = special + 1
            }
        }
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
