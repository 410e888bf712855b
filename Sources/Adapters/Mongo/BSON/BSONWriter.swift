import Domain

/// Appends BSON elements to one growing run of bytes; lengths are put in when a document ends.
///
/// Documents that follow one another in the same run are what a bulk insert sends, so that storing a message allocates
/// nothing of its own.
struct BSONWriter {
    private(set) var bytes: [UInt8] = []

    /// A writer with room for `capacity` bytes before it first grows.
    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends a whole document that stands by itself.
    mutating func appendDocument<Failure: Error>(
        _ build: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        let start = bytes.count
        appendLittleEndian(Int32(0))
        try build(&self)
        bytes.append(0)
        let length = Int32(bytes.count - start)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length.littleEndian, toByteOffset: start, as: Int32.self) }
    }

    /// Takes back everything from `count` bytes on.
    mutating func truncate(to count: Int) { bytes.removeLast(bytes.count - count) }

    /// Appends a 32-bit integer.
    mutating func append(_ key: BSONKey, int32 value: Int32) {
        append(.int32, key)
        appendLittleEndian(value)
    }

    /// Appends a 64-bit integer.
    mutating func append(_ key: BSONKey, int64 value: Int64) {
        append(.int64, key)
        appendLittleEndian(value)
    }

    /// Appends a number of a room or of a version. MongoDB has no unsigned integers; ours stay far below 2^63.
    mutating func append(_ key: BSONKey, _ value: UInt64) {
        append(key, int64: Int64(clamping: value))
    }

    /// Appends a floating-point number.
    mutating func append(_ key: BSONKey, double value: Double) {
        append(.double, key)
        appendLittleEndian(value.bitPattern)
    }

    /// Appends true or false.
    mutating func append(_ key: BSONKey, bool value: Bool) {
        append(.bool, key)
        bytes.append(value ? 1 : 0)
    }

    /// Appends text.
    mutating func append(_ key: BSONKey, _ value: String) {
        append(.string, key)
        appendText(value)
    }

    /// Appends a moment.
    mutating func append(_ key: BSONKey, _ value: Timestamp) {
        append(.date, key)
        appendLittleEndian(value.milliseconds)
    }

    /// Appends an id of twelve bytes.
    mutating func append(_ key: BSONKey, _ value: ObjectID) {
        append(.objectID, key)
        value.withBytes { bytes.append(contentsOf: $0) }
    }

    /// Appends a user's number.
    mutating func append(_ key: BSONKey, _ value: UserID) {
        append(key, int64: value.rawValue)
    }

    /// Appends a client's own id as a UUID of sixteen bytes.
    mutating func append(_ key: BSONKey, _ value: TempID) {
        append(.binary, key)
        appendLittleEndian(Int32(16))
        bytes.append(BSONSubtype.uuid.rawValue)
        value.withBytes { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes that mean nothing to MongoDB.
    mutating func append(_ key: BSONKey, binary value: [UInt8]) {
        append(.binary, key)
        appendLittleEndian(Int32(value.count))
        bytes.append(BSONSubtype.generic.rawValue)
        bytes.append(contentsOf: value)
    }

    /// Appends nothing under a name.
    mutating func appendNull(_ key: BSONKey) { append(.null, key) }

    /// Appends a document that has been built before.
    mutating func append(_ key: BSONKey, _ value: BSONDocument) {
        append(.document, key)
        value.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Appends a document within this one.
    mutating func append<Failure: Error>(
        _ key: BSONKey, document build: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        append(.document, key)
        try appendDocument(build)
    }

    /// Appends an array; `each` appends one element under the key that it is given.
    mutating func append<Element>(
        _ key: BSONKey, array elements: some Sequence<Element>, each: (inout BSONWriter, BSONKey, Element) -> Void
    ) {
        append(.array, key)
        appendDocument { writer in
            for (index, element) in elements.enumerated() {
                each(&writer, .index(index), element)
            }
        }
    }

    private mutating func append(_ type: BSONType, _ key: BSONKey) {
        bytes.append(type.rawValue)
        switch key {
        case .name(let name):
            bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        case .index(let index):
            bytes.append(contentsOf: String(index).utf8)
        }
        bytes.append(0)
    }

    private mutating func appendText(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            appendLittleEndian(Int32(utf8.count + 1))
            bytes.append(contentsOf: utf8)
        }
        bytes.append(0)
    }

    private mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
