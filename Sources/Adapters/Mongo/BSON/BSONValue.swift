import Bytes
import Domain

/// One value in a document that has been checked.
///
/// Each property is nil where the value is of another type. Integers are read out of either width, because drivers and
/// shells choose one by size.
struct BSONValue: Sendable {
    let type: BSONType
    private let storage: [UInt8]
    let range: Range<Int>

    /// The value of `type` in `range` of checked bytes.
    init(type: BSONType, storage: [UInt8], range: Range<Int>) {
        self.type = type
        self.storage = storage
        self.range = range
    }

    /// A whole number.
    var int64: Int64? {
        switch type {
        case .int32: Int64(littleEndian(Int32.self))
        case .int64: littleEndian(Int64.self)
        default: nil
        }
    }

    /// A whole number that is not negative.
    var uint64: UInt64? { int64.flatMap(UInt64.init(exactly:)) }

    /// A number of any type, as servers answer `ok: 1`.
    var double: Double? {
        type == .double ? Double(bitPattern: littleEndian(UInt64.self)) : int64.map(Double.init)
    }

    /// True or false.
    var bool: Bool? { type == .bool ? storage[range.lowerBound] == 1 : nil }

    /// Text; where it is not valid UTF-8 the faulty places are replaced.
    var string: String? {
        type == .string ? String(decoding: storage[range.lowerBound + 4..<range.upperBound - 1], as: UTF8.self) : nil
    }

    /// A moment.
    var timestamp: Timestamp? { type == .date ? Timestamp(milliseconds: littleEndian(Int64.self)) : nil }

    /// An id of twelve bytes.
    var objectID: ObjectID? { type == .objectID ? borrow(range) { ObjectID(bytes: $0) } : nil }

    /// A user's number.
    var userID: UserID? { int64.map(UserID.init(rawValue:)) }

    /// A UUID.
    var tempID: TempID? {
        guard type == .binary, storage[range.lowerBound + 4] == BSONSubtype.uuid.rawValue else { return nil }
        return borrow(range.lowerBound + 5..<range.upperBound) { TempID(bytes: $0) }
    }

    /// Bytes that mean nothing to MongoDB.
    var binary: [UInt8]? {
        guard type == .binary, storage[range.lowerBound + 4] == BSONSubtype.generic.rawValue else { return nil }
        return Array(storage[(range.lowerBound + 5)..<range.upperBound])
    }

    /// A document.
    var document: BSONDocument? { type == .document ? BSONDocument(trusted: storage, in: range) : nil }

    /// The values of an array.
    var array: [BSONValue]? { type == .array ? BSONDocument(trusted: storage, in: range).values : nil }

    private func borrow<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private func littleEndian<Integer: FixedWidthInteger>(_ integer: Integer.Type) -> Integer {
        storage.withUnsafeBytes { buffer in
            Integer(littleEndian: buffer.loadUnaligned(fromByteOffset: range.lowerBound, as: Integer.self))
        }
    }
}
