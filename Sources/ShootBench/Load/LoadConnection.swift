import Glibc

/// One client of a load run.
final class LoadConnection {
    /// How far it has come.
    enum Phase {
        case connecting, upgrading, greeting, subscribing, ready, closed
    }

    let index: Int
    let endpoint: Endpoint
    let socket: Int32
    var phase = Phase.connecting
    /// Bytes of a frame that is not whole yet.
    private var rest: [UInt8] = []
    /// Bytes that the socket did not take yet.
    private var unsent: [UInt8] = []

    init(index: Int, endpoint: Endpoint, socket: Int32) {
        self.index = index
        self.endpoint = endpoint
        self.socket = socket
    }

    /// Why it could not be connected; nil where it is.
    var connectFailure: String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0
            ? nil : "cannot connect to \(endpoint.host):\(endpoint.port): \(String(cString: strerror(code)))"
    }

    func send(_ bytes: [UInt8], _ poller: Poller) {
        guard phase != .closed else { return }
        guard unsent.isEmpty else {
            unsent += bytes
            return
        }
        let sent = max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
        if sent < bytes.count {
            unsent = Array(bytes[sent...])
            poller.change(socket, token: index, write: true)
        }
    }

    /// Sends what waits.
    func flush(_ poller: Poller) {
        guard phase != .closed else { return }
        let sent = max(0, Glibc.send(socket, unsent, unsent.count, Int32(MSG_NOSIGNAL)))
        unsent.removeFirst(sent)
        if unsent.isEmpty {
            poller.change(socket, token: index, write: false)
        }
    }

    func sendPong(_ payload: UnsafeRawBufferPointer, _ poller: Poller) {
        send([0x8a, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + Array(payload), poller)
    }

    /// What was kept and what has come; nil where the server has closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let kept = rest.count
        if kept > 0 {
            buffer.copyBytes(from: rest)
            rest.removeAll(keepingCapacity: true)
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        let count = recv(socket, room.baseAddress, room.count, 0)
        guard count > 0 else {
            rest.append(contentsOf: buffer[..<kept])
            return count < 0 && errno == EAGAIN ? UnsafeRawBufferPointer(start: nil, count: 0) : nil
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<(kept + count)])
    }

    /// Keeps what is not whole for the next time.
    func keep(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        if start < bytes.count {
            rest.append(contentsOf: bytes[start...])
        }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        Glibc.close(socket)
    }
}
