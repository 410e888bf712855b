import Bytes

/// The escapes of RFC 8259 §7.
enum JSONEscape {
    /// Checks the escape whose backslash is at `start` and answers where it ends.
    static func check(in json: Span<UInt8>, at start: Int) throws(JSONError) -> Int {
        guard start + 1 < json.count else { throw JSONError(.unexpectedEnd, at: json.count) }
        guard json[start + 1] == UInt8(ascii: "u") else {
            guard simple(json[start + 1]) != nil else { throw JSONError(.invalidEscape, at: start) }
            return start + 2
        }
        let unit = try codeUnit(in: json, at: start)
        guard unit & 0xF800 == 0xD800 else { return start + 6 }
        let second = start + 6
        guard unit < 0xDC00, second + 1 < json.count, json[second] == ASCII.backslash,
            json[second + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        guard try codeUnit(in: json, at: second) & 0xFC00 == 0xDC00 else {
            throw JSONError(.loneSurrogate, at: start)
        }
        return second + 6
    }

    /// Appends what the escape at `start` stands for and answers where it ends; it has been checked before.
    static func undo(in json: Span<UInt8>, at start: Int, into out: inout ByteWriter) -> Int {
        if let byte = simple(json[start + 1]) {
            out.append(byte)
            return start + 2
        }
        var scalar = UInt32(digits(in: json, at: start) ?? 0)
        var end = start + 6
        if scalar & 0xFC00 == 0xD800 {
            let low = UInt32(digits(in: json, at: end) ?? 0)
            scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
            end += 6
        }
        append(scalar, to: &out)
        return end
    }

    private static func simple(_ byte: UInt8) -> UInt8? {
        switch byte {
        case ASCII.quote, ASCII.backslash, ASCII.slash: byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): ASCII.lineFeed
        case UInt8(ascii: "r"): ASCII.carriageReturn
        case UInt8(ascii: "t"): ASCII.tab
        default: nil
        }
    }

    private static func codeUnit(in json: Span<UInt8>, at start: Int) throws(JSONError) -> UInt16 {
        guard start + 6 <= json.count else { throw JSONError(.unexpectedEnd, at: json.count) }
        guard let unit = digits(in: json, at: start) else { throw JSONError(.invalidEscape, at: start) }
        return unit
    }

    /// The four hexadecimal digits of the `\u` escape at `start`.
    private static func digits(in json: Span<UInt8>, at start: Int) -> UInt16? {
        var unit: UInt16 = 0
        for index in (start + 2)..<(start + 6) {
            guard let digit = ASCII.hexValue(json[index]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private static func append(_ scalar: UInt32, to out: inout ByteWriter) {
        guard let value = Unicode.Scalar(scalar) else {
            preconditionFailure("cannot undo an escape that was not checked")
        }
        for byte in UTF8.encode(value) ?? UTF8.encodedReplacementCharacter {
            out.append(byte)
        }
    }
}
