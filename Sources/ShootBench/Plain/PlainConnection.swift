import Glibc

/// One client of the plain server.
final class PlainConnection {
    let socket: Int32
    var isUpgraded = false
    var rooms: [PlainRoom] = []
    private var rest: [UInt8] = []
    private var unsent: [UInt8] = []

    init(_ socket: Int32) { self.socket = socket }

    func send(_ bytes: [UInt8], _ poller: Poller) {
        guard unsent.isEmpty else {
            unsent += bytes
            return
        }
        let sent = max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
        if sent < bytes.count {
            unsent = Array(bytes[sent...])
            poller.change(socket, token: Int(socket), write: true)
        }
    }

    func flush(_ poller: Poller) {
        let sent = max(0, Glibc.send(socket, unsent, unsent.count, Int32(MSG_NOSIGNAL)))
        unsent.removeFirst(sent)
        if unsent.isEmpty {
            poller.change(socket, token: Int(socket), write: false)
        }
    }

    /// What was kept and what has come; nil where the client has closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer? {
        let kept = rest.count
        if kept > 0 {
            buffer.copyBytes(from: rest)
            rest.removeAll(keepingCapacity: true)
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        let count = recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 || (count < 0 && errno == EAGAIN) else { return nil }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[..<(kept + max(count, 0))])
    }

    func keep(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) {
        if start < bytes.count {
            rest.append(contentsOf: bytes[start...])
        }
    }
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
