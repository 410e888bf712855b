import Bytes
import Glibc

/// A string inside a JSON text: where its bytes are, without the quotes. The reader has checked it already.
public struct JSONText: Sendable, Equatable {
    /// The raw bytes between the quotes, in the text that was read.
    public let range: Range<Int>
    /// Whether the raw bytes hold a backslash, so that they are not the string itself.
    public let isEscaped: Bool

    /// Whether the string is `literal`, compared as bytes; `json` is the text that was read.
    public func equals(_ literal: StaticString, in json: Span<UInt8>) -> Bool {
        guard isEscaped else { return json.extracting(range).equals(literal) }
        var decoded = ByteWriter(capacity: range.count)
        append(to: &decoded, from: json)
        return decoded.bytes.span.equals(literal)
    }

    /// The string; `json` is the text that was read.
    public func string(in json: Span<UInt8>) -> String {
        var decoded = ByteWriter(capacity: range.count)
        append(to: &decoded, from: json)
        return String(decoding: decoded.bytes, as: UTF8.self)
    }

    /// Appends the string as UTF-8 with its escapes undone; `json` is the text that was read.
    public func append(to out: inout ByteWriter, from json: Span<UInt8>) {
        var index = range.lowerBound
        guard isEscaped else {
            out.append(json.extracting(range))
            return
        }
        while index < range.upperBound {
            let backslash = min(json.firstIndex(of: ASCII.backslash, from: index) ?? range.upperBound, range.upperBound)
            out.append(json.extracting(index..<backslash))
            index = backslash
            if index < range.upperBound {
                index = JSONEscape.undo(in: json, at: index, into: &out)
            }
        }
    }
}

/// A number inside a JSON text: where it is and how it is written. The reader has checked its grammar already.
public struct JSONNumber: Sendable, Equatable {
    /// The bytes of the number, in the text that was read.
    public let range: Range<Int>
    /// Whether it has neither fraction nor exponent.
    public let isInteger: Bool

    /// The number as an integer; nil where it has a fraction or an exponent or is beyond 64 bits.
    public func int64(in json: Span<UInt8>) -> Int64? {
        guard isInteger else { return nil }
        let isNegative = json[range.lowerBound] == ASCII.minus
        let digits = json.extracting((range.lowerBound + (isNegative ? 1 : 0))..<range.upperBound)
        guard let magnitude = digits.decimal() else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude == Int64.min.magnitude ? Int64.min : Int64(exactly: magnitude).map { -$0 }
    }

    /// The nearest floating-point number; nil where that would be infinite.
    public func double(in json: Span<UInt8>) -> Double? {
        let text = json.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
