/// Tells valid UTF-8 from other bytes as they come (RFC 3629): no surrogates, no overlong forms, nothing past U+10FFFF.
///
/// Fed in pieces it says no at the first byte that no continuation could make valid.
public struct UTF8Validator: Sendable {
    /// Continuation bytes that the open sequence still needs.
    private var missing: UInt8 = 0
    /// The range of the next continuation byte: it is narrower than 0x80…0xBF only after some lead bytes.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// A validator at the start of a text.
    public init() {}

    /// Whether the text may end here.
    public var isComplete: Bool { missing == 0 }

    /// Whether `bytes` are a whole valid text.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool {
        var validator = UTF8Validator()
        return validator.consume(bytes) && validator.isComplete
    }

    /// Takes the next piece; false once the text cannot be valid any more.
    public mutating func consume(_ bytes: Span<UInt8>) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var index = 0
            while index < buffer.count {
                if missing == 0 {
                    index = Self.skipASCII(buffer, from: index)
                    guard index < buffer.count else { break }
                }
                guard take(buffer[index]) else { return false }
                index += 1
            }
            return true
        }
    }

    private static func skipASCII(_ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= buffer.count,
            buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < buffer.count, buffer[index] < 0x80 {
            index += 1
        }
        return index
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard missing == 0 else {
            guard byte >= lowest, byte <= highest else { return false }
            (missing, lowest, highest) = (missing - 1, 0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest) = (2, 0xA0)
        case 0xED: (missing, highest) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest) = (3, 0x90)
        case 0xF4: (missing, highest) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: return false
        }
        return true
    }
}
