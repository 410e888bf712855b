import Bytes

/// The id that ties together what one request causes in several processes (W3C Trace Context §3.2.2.3).
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// An id of random bits, which are never all zero.
    public init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = random.next() | 1
    }

    /// Reads the id out of a `traceparent` field; nil where the field is not valid, upon which the standard has a
    /// receiver begin a trace of its own (§3.2).
    public init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.hexadecimal(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || version > 0 && bytes[55] == dash,
            let high = Self.hexadecimal(bytes[3..<19]), let low = Self.hexadecimal(bytes[19..<35]), high | low != 0,
            let parent = Self.hexadecimal(bytes[36..<52]), parent != 0, Self.hexadecimal(bytes[53..<55]) != nil
        else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        var out = ByteWriter(capacity: 32)
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { out.append(hex: $0) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// At most 16 digits; the standard allows lower case only.
    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = ASCII.hexValue(digit), digit == ASCII.hexDigit(nibble) else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        return value
    }
}
