import Glibc

/// A socket that a `Poller` watches, with what it did not take yet and what has come of a frame that is not whole.
class BufferedSocket {
    let socket: Int32
    /// Names the socket to its poller.
    let token: Int
    private var rest: [UInt8] = []
    private var unsent: [UInt8] = []

    init(_ socket: Int32, token: Int) {
        self.socket = socket
        self.token = token
    }

    func send(_ bytes: [UInt8], _ poller: Poller) {
        guard unsent.isEmpty else {
            unsent += bytes
            return
        }
        let sent = max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
        if sent < bytes.count {
            unsent = Array(bytes[sent...])
            poller.change(socket, token: token, write: true)
        }
    }

    /// Sends what waits.
    func flush(_ poller: Poller) {
        let sent = max(0, Glibc.send(socket, unsent, unsent.count, Int32(MSG_NOSIGNAL)))
        unsent.removeFirst(sent)
        if unsent.isEmpty {
            poller.change(socket, token: token, write: false)
        }
    }

    /// What was kept and what has come, if anything; nil where the peer has closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let kept = rest.count
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        let count = recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 else {
            return count < 0 && errno == EAGAIN ? UnsafeRawBufferPointer(start: nil, count: 0) : nil
        }
        buffer.copyBytes(from: rest)
        rest.removeAll(keepingCapacity: true)
        return UnsafeRawBufferPointer(rebasing: buffer[..<(kept + count)])
    }

    /// Keeps what is not whole for the next time.
    func keep(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        if start < bytes.count {
            rest.append(contentsOf: bytes[start...])
        }
    }
}

extension [UInt8] {
    /// Appends the head of a text message of one frame (RFC 6455 §5.2) of fewer than 65,536 bytes. A client's is masked;
    /// the mask is zero, which the protocol allows and costs the load tool nothing.
    mutating func appendTextFrameHead(payload count: Int, isMasked: Bool) {
        let mask: UInt8 = isMasked ? 0x80 : 0
        append(0x81)
        if count < 126 {
            append(mask | UInt8(count))
        } else {
            append(mask | 126)
            append(UInt8(truncatingIfNeeded: count >> 8))
            append(UInt8(truncatingIfNeeded: count))
        }
        if isMasked {
            append(contentsOf: [0, 0, 0, 0])
        }
    }
}
