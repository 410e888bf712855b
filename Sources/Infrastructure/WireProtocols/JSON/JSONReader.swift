import Bytes

/// A strict pull scanner for JSON (RFC 8259): it walks a text value by value and builds nothing.
///
/// The text is lent to each call, since a reader owns only its place in it. A member that is not read is skipped, so
/// unknown keys cost nothing to ignore:
/// ```swift
/// var reader = JSONReader()
/// try reader.beginObject(in: json)
/// while let key = try reader.nextKey(in: json) {
///     if key.equals("roomId", in: json) { room = try reader.string(in: json) }
///     if key.equals("content", in: json) { content = try reader.skipValue(in: json) }
/// }
/// try reader.finish(in: json)
/// ```
/// Every byte that is passed over is checked, skipped values included. Where an object repeats a key each is handed
/// out, so that a loop as above, like `JSONValue`, ends with the last one (§4 leaves the choice to the reader).
public struct JSONReader: Sendable {
    enum Place {
        /// A value comes next; nothing of it has been read.
        case value
        /// A container has just been opened.
        case first
        /// A value has just ended.
        case next
    }

    /// How far the text has been read, in bytes.
    public internal(set) var offset = 0
    var place = Place.value
    private var depth = 0
    /// One bit for each open container, the innermost lowest: 1 for an object.
    private var objects: UInt64 = 0
    private let depthLimit: Int

    /// A reader at the start of a text, which lets at most `depthLimit` (up to 64) containers be open at once.
    public init(depthLimit: Int = JSONLimits.depth) {
        precondition(depthLimit <= JSONLimits.deepest, "cannot read deeper than there are bits")
        self.depthLimit = depthLimit
    }

    /// The type of the value that comes next, by its first byte.
    public mutating func peekType(in json: Span<UInt8>) throws(JSONError) -> JSONType {
        precondition(place == .value, "cannot read a value when none comes next")
        skipWhiteSpace(json)
        switch try byte(json) {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case ASCII.quote: return .string
        case ASCII.minus, ASCII.zero...ASCII.nine: return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        default: throw JSONError(.unexpectedByte, at: offset)
        }
    }

    /// Steps into an object. Then call `nextKey` until it answers nil.
    public mutating func beginObject(in json: Span<UInt8>) throws(JSONError) {
        try begin(.object, in: json)
    }

    /// Steps into an array. Then call `nextElement` until it answers false.
    public mutating func beginArray(in json: Span<UInt8>) throws(JSONError) {
        try begin(.array, in: json)
    }

    /// Steps to the next member and answers its key, its value coming next; nil steps out of the object.
    public mutating func nextKey(in json: Span<UInt8>) throws(JSONError) -> JSONText? {
        precondition(depth > 0 && objects & 1 == 1, "cannot read a key when in no object")
        guard try advance(in: json, until: UInt8(ascii: "}")) else { return nil }
        guard try byte(json) == ASCII.quote else { throw JSONError(.unexpectedByte, at: offset) }
        let key = try text(json)
        skipWhiteSpace(json)
        guard try byte(json) == ASCII.colon else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
        place = .value
        return key
    }

    /// Steps to the next element, its value coming next; false steps out of the array.
    public mutating func nextElement(in json: Span<UInt8>) throws(JSONError) -> Bool {
        precondition(depth > 0 && objects & 1 == 0, "cannot read an element when in no array")
        guard try advance(in: json, until: UInt8(ascii: "]")) else { return false }
        place = .value
        return true
    }

    /// Reads a string.
    public mutating func string(in json: Span<UInt8>) throws(JSONError) -> JSONText {
        try expect(.string, in: json)
        let text = try text(json)
        place = .next
        return text
    }

    /// Reads a number.
    public mutating func number(in json: Span<UInt8>) throws(JSONError) -> JSONNumber {
        try expect(.number, in: json)
        let number = try numeral(json)
        place = .next
        return number
    }

    /// Reads an integer of 64 bits. A fraction, an exponent or more digits are `numberOutOfRange`.
    public mutating func int64(in json: Span<UInt8>) throws(JSONError) -> Int64 {
        let number = try number(in: json)
        guard let value = number.int64(in: json) else {
            throw JSONError(.numberOutOfRange, at: number.range.lowerBound)
        }
        return value
    }

    /// Reads `true` or `false`.
    public mutating func bool(in json: Span<UInt8>) throws(JSONError) -> Bool {
        try expect(.boolean, in: json)
        let isTrue = json[offset] == UInt8(ascii: "t")
        try word(isTrue ? "true" : "false", in: json)
        return isTrue
    }

    /// Reads `null`.
    public mutating func null(in json: Span<UInt8>) throws(JSONError) {
        try expect(.null, in: json)
        try word("null", in: json)
    }

    /// Passes over the next value, whatever it is, and answers where its bytes are, so that they can be copied as
    /// they stand.
    @discardableResult
    public mutating func skipValue(in json: Span<UInt8>) throws(JSONError) -> Range<Int> {
        let type = try peekType(in: json)
        let start = offset
        switch type {
        case .object:
            try beginObject(in: json)
            while try nextKey(in: json) != nil {}
        case .array:
            try beginArray(in: json)
            while try nextElement(in: json) {}
        case .string: _ = try string(in: json)
        case .number: _ = try number(in: json)
        case .boolean: _ = try bool(in: json)
        case .null: try null(in: json)
        }
        return start..<offset
    }

    /// Makes sure that the text ends here, but for white space. A value that was not read yet is skipped.
    public mutating func finish(in json: Span<UInt8>) throws(JSONError) {
        precondition(depth == 0, "cannot finish when inside a container")
        if place == .value {
            try skipValue(in: json)
        }
        skipWhiteSpace(json)
        guard offset == json.count else { throw JSONError(.trailingBytes, at: offset) }
    }

    private mutating func expect(_ expected: JSONType, in json: Span<UInt8>) throws(JSONError) {
        let found = try peekType(in: json)
        guard found == expected else {
            throw JSONError(.wrongType(expected: expected, found: found), at: offset)
        }
    }

    private mutating func begin(_ type: JSONType, in json: Span<UInt8>) throws(JSONError) {
        try expect(type, in: json)
        guard depth < depthLimit else { throw JSONError(.tooDeep, at: offset) }
        depth += 1
        objects = objects << 1 | (type == .object ? 1 : 0)
        offset += 1
        place = .first
    }

    /// Goes past the comma to what follows it, or past `end` and out of the container, which answers false.
    private mutating func advance(in json: Span<UInt8>, until end: UInt8) throws(JSONError) -> Bool {
        if place == .value {
            try skipValue(in: json)
        }
        skipWhiteSpace(json)
        if try byte(json) == end {
            offset += 1
            depth -= 1
            objects >>= 1
            place = .next
            return false
        }
        guard place == .next else { return true }
        guard try byte(json) == ASCII.comma else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
        skipWhiteSpace(json)
        return true
    }
}
