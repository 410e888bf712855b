/// One client of the plain server.
final class PlainConnection: BufferedSocket {
    var isUpgraded = false
    var rooms: [PlainRoom] = []

    init(_ socket: Int32) { super.init(socket, token: Int(socket)) }
}

/// A masked WebSocket message of one frame (RFC 6455 §5.2), unmasked in place.
struct PlainMessage {
    private let start: Int
    let end: Int

    /// nil where it is not whole.
    init?(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) {
        guard bytes.count - start >= 8 else { return nil }
        var length = Int(bytes[start + 1] & 0x7f)
        var head = 2
        if length == 126 {
            length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
            head = 4
        }
        let mask = (0..<4).map { bytes[start + head + $0] }
        self.start = start + head + 4
        end = self.start + length
        guard bytes.count >= end else { return nil }
        guard mask != [0, 0, 0, 0] else { return }
        for index in 0..<length {
            bytes[self.start + index] ^= mask[index & 3]
        }
    }

    func payload(of bytes: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }
}
