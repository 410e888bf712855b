import Bytes

/// A well-formed document: either built here or checked whole when it came in, so that looking things up cannot fail
/// half-way. Documents within it share its bytes.
struct BSONDocument: Sendable {
    private let storage: [UInt8]
    /// Where the elements are: behind the length, before the final zero.
    private let elements: Range<Int>

    /// Builds a document.
    init(_ build: (inout BSONWriter) -> Void) {
        var writer = BSONWriter(capacity: 128)
        writer.appendDocument(build)
        self.init(trusted: writer.bytes, in: writer.bytes.indices)
    }

    /// A document without fields.
    init() {
        self.init { _ in }
    }

    /// Takes bytes from outside that hold exactly one document.
    init(validating bytes: [UInt8]) throws(BSONError) {
        try BSONValidator.validate(bytes, in: bytes.indices)
        self.init(trusted: bytes, in: bytes.indices)
    }

    /// The document in `range` of bytes that have been checked.
    init(trusted storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        elements = range.lowerBound + 4..<range.upperBound - 1
    }

    /// The value under `key`, the first where there are several; nil where there is none.
    subscript(key: StaticString) -> BSONValue? {
        let bytes = storage.span
        var offset = elements.lowerBound
        while let element = element(of: bytes, at: offset) {
            if element.name.count == key.utf8CodeUnitCount, bytes.extracting(element.name).equals(key) {
                return BSONValue(type: element.type, storage: storage, range: element.value)
            }
            offset = element.value.upperBound
        }
        return nil
    }

    /// The names of the fields in order.
    var keys: [String] {
        var keys: [String] = []
        forEach { name, _ in keys.append(String(decoding: storage[name], as: UTF8.self)) }
        return keys
    }

    /// The values in order: the elements, where this is an array.
    var values: [BSONValue] {
        var values: [BSONValue] = []
        forEach { values.append($1) }
        return values
    }

    /// The value under `key`, read by one of the properties of `BSONValue`.
    func value<Value>(_ key: StaticString, as read: (BSONValue) -> Value?) throws(BSONError) -> Value {
        guard let value = try valueIfPresent(key, as: read) else { throw .missing("\(key)") }
        return value
    }

    /// The same; nil where there is no such field or it holds null.
    func valueIfPresent<Value>(_ key: StaticString, as read: (BSONValue) -> Value?) throws(BSONError) -> Value? {
        guard let value = self[key], value.type != .null else { return nil }
        guard let read = read(value) else { throw .unexpected("\(key)") }
        return read
    }

    /// Lends the bytes of the whole document.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[elements.lowerBound - 4..<elements.upperBound + 1]))
        }
    }

    private func forEach(_ body: (_ name: Range<Int>, BSONValue) -> Void) {
        var offset = elements.lowerBound
        while let element = element(of: storage.span, at: offset) {
            body(element.name, BSONValue(type: element.type, storage: storage, range: element.value))
            offset = element.value.upperBound
        }
    }

    /// Where the element at `offset` has its name and value; nil at the end.
    private func element(
        of bytes: Span<UInt8>, at offset: Int
    ) -> (type: BSONType, name: Range<Int>, value: Range<Int>)? {
        guard offset < elements.upperBound, let type = BSONType(rawValue: bytes[offset]),
            let nameEnd = bytes.firstIndex(of: 0, from: offset + 1),
            let length = BSONValidator.length(of: type, in: bytes, at: nameEnd + 1)
        else { return nil }
        return (type, offset + 1..<nameEnd, nameEnd + 1..<nameEnd + 1 + length)
    }
}
