import Bytes

/// A JSON text as a tree, for bodies that are read once and are not on the message road.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads a whole text. Throws where it is not JSON, is nested deeper than `depthLimit`, or has a number beyond
    /// what a `Double` holds.
    public init(parsing json: Span<UInt8>, depthLimit: Int = JSONLimits.depth) throws(JSONError) {
        var reader = JSONReader(depthLimit: depthLimit)
        self = try reader.value(in: json)
        try reader.finish(in: json)
    }

    /// What kind of value it is.
    public var type: JSONType {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .integer, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether it is `null`.
    public var isNull: Bool { self == .null }

    /// The truth value; nil where it is something else.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer; nil where it is something else, a number with a fraction included.
    public var int64: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, an integer included; nil where it is something else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The string; nil where it is something else.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements; nil where it is no array.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members; nil where it is no object.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member `key`; nil where there is none or it is no object.
    public subscript(key: String) -> JSONValue? { object?[key] }
}

/// The members of a JSON object in the order in which they were written.
public struct JSONObject: Sendable, Equatable {
    /// One key with its value.
    public struct Member: Sendable, Equatable {
        public let key: String
        public let value: JSONValue
    }

    /// All members, repeated keys included.
    public private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// The value of `key`, the last where it is repeated; nil where there is none.
    public subscript(key: String) -> JSONValue? { members.last { $0.key == key }?.value }

    /// Adds a member at the end.
    public mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
    }
}

extension JSONReader {
    /// Reads the next value as a tree.
    public mutating func value(in json: Span<UInt8>) throws(JSONError) -> JSONValue {
        switch try peekType(in: json) {
        case .null:
            try null(in: json)
            return .null
        case .boolean: return .bool(try bool(in: json))
        case .string: return .string(try string(in: json).string(in: json))
        case .number:
            let number = try number(in: json)
            if let integer = number.int64(in: json) { return .integer(integer) }
            guard let double = number.double(in: json) else {
                throw JSONError(.numberOutOfRange, at: number.range.lowerBound)
            }
            return .number(double)
        case .array:
            var elements: [JSONValue] = []
            try beginArray(in: json)
            while try nextElement(in: json) {
                elements.append(try value(in: json))
            }
            return .array(elements)
        case .object:
            var object = JSONObject()
            try beginObject(in: json)
            while let key = try nextKey(in: json) {
                object.append(key.string(in: json), try value(in: json))
            }
            return .object(object)
        }
    }
}
