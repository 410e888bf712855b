/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rule that was broken (RFC 8259).
    public enum Rule: Equatable, Sendable {
        /// The text ends inside a value (§2).
        case unexpectedEnd
        /// A byte stands where the grammar has no place for it (§2).
        case unexpectedByte
        /// More follows the one value that a text is (§2).
        case trailingBytes
        /// More containers are open than the reader allows (§9 lets it set a limit).
        case tooDeep
        /// A control character below U+0020 stands unescaped in a string (§7).
        case controlCharacter
        /// A backslash is followed by something that is no escape (§7).
        case invalidEscape
        /// A `\u` escape names one half of a surrogate pair without the other (§8.2).
        case loneSurrogate
        /// A string is not UTF-8 (§8.1).
        case invalidUTF8
        /// A number is not written as one: leading zero, no digit after the dot or the exponent (§6).
        case invalidNumber
        /// A number is beyond what the type that was asked for holds (§6).
        case numberOutOfRange
        /// The value is well-formed as far as read, but of another type than the one asked for.
        case wrongType(expected: JSONType, found: JSONType)
    }

    /// The rule that was broken.
    public let rule: Rule
    /// Where, in bytes from the start of the text.
    public let offset: Int

    /// An error at `offset` bytes from the start.
    public init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    /// One line for the sender of the text; it repeats none of the text.
    public var description: String { "\(reason) at byte \(offset)" }

    private var reason: String {
        switch rule {
        case .unexpectedEnd: "JSON ends inside a value"
        case .unexpectedByte: "JSON has a byte that does not belong there"
        case .trailingBytes: "JSON is followed by more than white space"
        case .tooDeep: "JSON is nested too deeply"
        case .controlCharacter: "JSON string has an unescaped control character"
        case .invalidEscape: "JSON string has an unknown escape"
        case .loneSurrogate: "JSON string has half a surrogate pair"
        case .invalidUTF8: "JSON string is not UTF-8"
        case .invalidNumber: "JSON number is malformed"
        case .numberOutOfRange: "JSON number is out of range"
        case .wrongType(let expected, let found): "JSON has \(found) where \(expected) is expected"
        }
    }
}

/// The six kinds of JSON value, `true` and `false` being one (RFC 8259 §3).
public enum JSONType: String, Sendable {
    case null, boolean, number, string, array, object
}
