/// Base 64 in its two alphabets (RFC 4648 §4 and §5).
public enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The padded standard form, as in `Sec-WebSocket-Accept`.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out = encode(bytes, alphabet: standard)
        while out.count % 4 != 0 {
            out.append(UInt8(ascii: "="))
        }
        return out
    }

    /// The unpadded URL-safe form, as in a JSON Web Token.
    public static func encodeURL(_ bytes: [UInt8]) -> [UInt8] { encode(bytes, alphabet: urlSafe) }

    /// Reads the standard form with its padding; nil where it is not well formed.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        return decode(Array(text.dropLast(padding)), plus: UInt8(ascii: "+"), slash: UInt8(ascii: "/"))
    }

    /// Reads the unpadded URL-safe form; nil where it is not well formed.
    public static func decodeURL(_ text: some Collection<UInt8>) -> [UInt8]? {
        decode(Array(text), plus: UInt8(ascii: "-"), slash: UInt8(ascii: "_"))
    }

    private static func encode(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < left ? UInt32(bytes[index + offset]) : 0)
            }
            for digit in 0...left {
                out.append(alphabet[Int(group >> UInt32(18 - 6 * digit) & 0x3F)])
            }
            index += left
        }
        return out
    }

    private static func decode(_ text: [UInt8], plus: UInt8, slash: UInt8) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count * 3 / 4)
        var group: UInt32 = 0
        var bits = 0
        for byte in text {
            guard let value = value(of: byte, plus: plus, slash: slash) else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        // What is left over must be zero: else two texts would stand for the same bytes.
        guard group & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return out
    }

    private static func value(of byte: UInt8, plus: UInt8, slash: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case plus: 62
        case slash: 63
        default: nil
        }
    }
}
