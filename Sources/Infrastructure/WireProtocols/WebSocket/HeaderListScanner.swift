import Bytes

/// Reads the lists of tokens and parameters that HTTP headers hold (RFC 9110 §5.6): `a, b; x=1; y="2"`.
struct HeaderListScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ value: String) { bytes = Array(value.utf8) }

    /// Whether all has been read but white space.
    mutating func isAtEnd() -> Bool {
        skipWhitespace()
        return index == bytes.count
    }

    /// Takes `byte` where it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        skipWhitespace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Takes a token (RFC 9110 §5.6.2); nil where there is none.
    mutating func token() -> String? {
        skipWhitespace()
        let start = index
        while index < bytes.count, Self.isTokenByte(bytes[index]) {
            index += 1
        }
        guard index > start else { return nil }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Takes a token or a quoted string (RFC 9110 §5.6.4); nil where there is neither.
    mutating func tokenOrQuotedString() -> String? {
        guard take(ASCII.quote) else { return token() }
        var content: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == ASCII.quote {
                return String(decoding: content, as: UTF8.self)
            }
            if byte == ASCII.backslash, index < bytes.count {
                content.append(bytes[index])
                index += 1
            } else {
                content.append(byte)
            }
        }
        return nil
    }

    /// The tokens of a comma-separated list; nil where it is not well formed. Empty entries are passed over.
    static func tokens(_ value: String) -> [String]? {
        var scanner = HeaderListScanner(value)
        var tokens: [String] = []
        while !scanner.isAtEnd() {
            if scanner.take(ASCII.comma) { continue }
            guard let token = scanner.token() else { return nil }
            tokens.append(token)
            guard scanner.isAtEnd() || scanner.take(ASCII.comma) else { return nil }
        }
        return tokens
    }

    private mutating func skipWhitespace() {
        while index < bytes.count, bytes[index] == ASCII.space || bytes[index] == ASCII.tab {
            index += 1
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x7C, 0x7E: true
        default: false
        }
    }
}
