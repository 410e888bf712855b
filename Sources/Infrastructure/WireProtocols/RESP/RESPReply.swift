import Bytes
import CHiredis

/// A look at one reply, or at one part of it, in the memory of hiredis.
///
/// It is two words and copies nothing, which is what a reply with thousands of elements needs. **It is valid only
/// inside the callback that it was given to**; what is to outlive that is taken with `copied()`.
public struct RESPReply {
    /// The five kinds of RESP2, the nil of both strings and arrays being one.
    public enum Kind: Equatable, Sendable {
        case string, status, error, integer, array, null
    }

    private let node: UnsafePointer<redisReply>

    init(_ node: UnsafePointer<redisReply>) { self.node = node }

    /// What kind of reply this is.
    public var kind: Kind {
        switch node.pointee.type {
        case REDIS_REPLY_STRING: .string
        case REDIS_REPLY_STATUS: .status
        case REDIS_REPLY_ERROR: .error
        case REDIS_REPLY_INTEGER: .integer
        case REDIS_REPLY_ARRAY: .array
        default: .null
        }
    }

    /// Whether this is a nil string or array.
    public var isNull: Bool { kind == .null }

    /// The value of an integer reply, nil for the other kinds.
    public var integer: Int64? { kind == .integer ? node.pointee.integer : nil }

    /// The number of elements of an array; 0 for the other kinds.
    public var count: Int { kind == .array ? node.pointee.elements : 0 }

    /// The element at `index` of an array.
    public subscript(index: Int) -> RESPReply {
        precondition(index >= 0 && index < count, "cannot look past the end of a reply")
        guard let element = node.pointee.element[index] else {
            preconditionFailure("cannot look into a reply when it is not whole")
        }
        return RESPReply(element)
    }

    /// Lends the bytes of a string, status or error; the other kinds have none.
    public func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(text).bindMemory(to: UInt8.self).span)
    }

    /// A copy of the bytes of a string, status or error.
    public var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(text)) }

    /// The text of a string, status or error; malformed UTF-8 is repaired.
    public var string: String { String(decoding: UnsafeRawBufferPointer(text), as: UTF8.self) }

    /// The number in an integer reply, or in a string that is an unsigned decimal number.
    public var decimal: UInt64? {
        if let integer {
            return UInt64(exactly: integer)
        }
        return withBytes { $0.decimal() }
    }

    /// Whether the bytes of a string, status or error are those of `literal`.
    public func equals(_ literal: StaticString) -> Bool { withBytes { $0.equals(literal) } }

    /// The reply as a value of its own.
    public func copied() -> RESPValue {
        switch kind {
        case .string: .string(bytes)
        case .status: .status(string)
        case .error: .error(string)
        case .integer: .integer(node.pointee.integer)
        case .null: .null
        case .array: .array((0..<count).map { self[$0].copied() })
        }
    }

    private var text: UnsafeBufferPointer<CChar> {
        switch kind {
        case .string, .status, .error: UnsafeBufferPointer(start: node.pointee.str, count: node.pointee.len)
        case .integer, .array, .null: UnsafeBufferPointer(start: nil, count: 0)
        }
    }
}
