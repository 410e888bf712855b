/// A growing run of bytes that encoders append to.
///
/// It is a value: an encoder takes it `inout`, the owner keeps its capacity between uses with `removeAll()`.
public struct ByteWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]

    /// A writer with room for `capacity` bytes before it first grows.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The number of bytes written.
    @inlinable public var count: Int { bytes.count }

    /// Forgets what was written and keeps the room.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Makes room for `count` more bytes at once.
    public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends an array of bytes.
    public mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Appends a slice of bytes.
    public mutating func append(_ other: ArraySlice<UInt8>) { bytes.append(contentsOf: other) }

    /// Appends bytes out of a borrowed buffer.
    public mutating func append(_ other: UnsafeRawBufferPointer) { bytes.append(contentsOf: other) }

    /// Appends bytes out of a span.
    public mutating func append(_ other: Span<UInt8>) {
        other.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Appends a literal without making a `String` of it.
    public mutating func append(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the UTF-8 of a string.
    public mutating func append(utf8 string: String) { bytes.append(contentsOf: string.utf8) }

    /// Appends a number in decimal.
    public mutating func append(decimal value: Int64) {
        if value < 0 {
            bytes.append(ASCII.minus)
        }
        append(decimal: value.magnitude)
    }

    /// Appends a number in decimal.
    public mutating func append(decimal value: UInt64) {
        var rest = value
        var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var start = buffer.count
            repeat {
                start -= 1
                buffer[start] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// Appends each byte as two lower-case hexadecimal digits.
    public mutating func append(hex other: some Sequence<UInt8>) {
        for byte in other {
            bytes.append(ASCII.hexDigit(byte >> 4))
            bytes.append(ASCII.hexDigit(byte & 0xF))
        }
    }

    /// Puts `byte` at `index`, which has been written before.
    public mutating func replace(at index: Int, with byte: UInt8) { bytes[index] = byte }
}
