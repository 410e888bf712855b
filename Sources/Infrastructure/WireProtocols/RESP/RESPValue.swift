/// A reply of Redis (RESP2) that owns what it holds, for code that is not on the loop of the connection.
public enum RESPValue: Equatable, Sendable {
    case string([UInt8])
    case status(String)
    case error(String)
    case integer(Int64)
    case array([RESPValue])
    case null

    /// The bytes of a string, nil for the other kinds.
    public var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// The text of a string or status; malformed UTF-8 is repaired; nil for the other kinds.
    public var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .error, .integer, .array, .null: nil
        }
    }

    /// The value of an integer, nil for the other kinds.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The elements of an array, nil for the other kinds.
    public var elements: [RESPValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
