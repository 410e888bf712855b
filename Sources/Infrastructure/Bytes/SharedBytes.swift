/// Bytes that are written once and then sent to many sockets on many threads.
///
/// A frame is encoded into one of these and every subscriber's outbound queue holds a reference: fanning out copies
/// nothing and allocates nothing.
public final class SharedBytes: Sendable {
    @usableFromInline let storage: [UInt8]

    /// Keeps `bytes` (no copy where the array is uniquely held).
    public init(_ bytes: [UInt8]) { storage = bytes }

    /// The number of bytes.
    @inlinable public var count: Int { storage.count }

    /// A copy-free look at the bytes as an array.
    public var array: [UInt8] { storage }

    /// Lends the bytes for the length of `body`; the pointer stays valid for as long as this object lives, because
    /// nothing mutates the array that it holds.
    @inlinable public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes(body)
    }
}
