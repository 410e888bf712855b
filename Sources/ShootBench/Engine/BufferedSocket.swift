import Glibc

/// A socket that a `Poller` watches, with what it did not take yet and what has come of a frame that is not whole.
class BufferedSocket {
    let socket: Int32
    /// Names the socket to its poller.
    let token: Int
    private var rest: [UInt8] = []
    private var unsent: [UInt8] = []
    private let tls: TLSStream?

    /// - Parameter tls: what encrypts on the socket, where something does.
    init(_ socket: Int32, token: Int, tls: TLSStream? = nil) {
        self.socket = socket
        self.token = token
        self.tls = tls
    }

    func send(_ bytes: [UInt8], _ poller: Poller) {
        guard unsent.isEmpty else {
            unsent += bytes
            return
        }
        let sent = write(bytes)
        if sent < bytes.count {
            unsent = Array(bytes[sent...])
            poller.change(socket, token: token, write: waitsForRoom)
        }
    }

    /// Sends what waits.
    func flush(_ poller: Poller) {
        unsent.removeFirst(write(unsent))
        if unsent.isEmpty || !waitsForRoom {
            poller.change(socket, token: token, write: false)
        }
    }

    private func write(_ bytes: [UInt8]) -> Int {
        tls?.write(bytes) ?? max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    /// Whether what is unsent can go when the socket has room: what waits for a handshake goes when bytes have come.
    private var waitsForRoom: Bool { tls?.waitsForRoom ?? true }

    /// What was kept and what has come, if anything; nil where the peer has closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer, _ poller: Poller) -> UnsafeRawBufferPointer? {
        let kept = rest.count
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        let count = tls?.read(into: room) ?? recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 else {
            guard count < 0, errno == EAGAIN else { return nil }
            if tls != nil, !unsent.isEmpty {
                // A handshake has held it back.
                flush(poller)
            }
            return UnsafeRawBufferPointer(start: nil, count: 0)
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
