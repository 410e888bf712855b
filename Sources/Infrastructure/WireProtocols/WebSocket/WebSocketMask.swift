/// The key that a client's payload is XORed with (RFC 6455 §5.3), turned so that it starts at the next byte.
public struct WebSocketMask: Equatable, Sendable {
    /// The key's four bytes, the first in the lowest eight bits.
    private var key: UInt32

    /// A key of four bytes in the order of the wire; zero leaves the payload as it is.
    public init(littleEndian key: UInt32) { self.key = key }

    /// The key as it is written on the wire.
    var wireBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: key >> (8 * $0)) } }

    /// XORs `bytes`, eight at a time, and turns the key on so that the next call goes on where this one ended.
    public mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        guard key != 0 else { return }
        let wide = UInt64(key) | UInt64(key) << 32
        var index = 0
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            bytes.storeBytes(of: (word ^ wide).littleEndian, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: wide >> UInt64(8 * (index & 7)))
            index += 1
        }
        let turn = UInt32(8 * (bytes.count & 3))
        key = key >> turn | key << ((32 - turn) & 31)
    }
}

extension Array where Element == UInt8 {
    /// Appends `masked` with `mask` taken off; copying first and then XORing in place stays within the cache and
    /// needs no uninitialised memory.
    mutating func append(_ masked: Span<UInt8>, unmasking mask: inout WebSocketMask) {
        let start = count
        masked.withUnsafeBufferPointer { append(contentsOf: $0) }
        withUnsafeMutableBytes { mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
    }
}
