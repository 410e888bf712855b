import Glibc

/// One client of a load run.
final class LoadConnection: BufferedSocket {
    /// How far it has come.
    enum Phase {
        case connecting, upgrading, greeting, subscribing, ready, closed
    }

    let index: Int
    let endpoint: Endpoint
    var phase = Phase.connecting
    /// How many of its rooms it has subscribed to, or is about to.
    var subscribed = 0

    /// A connection on its way to the server.
    init(index: Int, endpoint: Endpoint) throws(BenchError) {
        self.index = index
        self.endpoint = endpoint
        let socket = try endpoint.connect()
        super.init(socket, token: index, tls: try endpoint.encryption(on: socket))
    }

    /// Why it could not be connected; nil where it is.
    var connectFailure: String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0
            ? nil : "cannot connect to \(endpoint.host):\(endpoint.port): \(String(cString: strerror(code)))"
    }

    override func send(_ bytes: [UInt8], _ poller: Poller) {
        if phase != .closed {
            super.send(bytes, poller)
        }
    }

    override func flush(_ poller: Poller) {
        if phase != .closed {
            super.flush(poller)
        }
    }

    func sendPong(_ payload: UnsafeRawBufferPointer, _ poller: Poller) {
        send([0x8a, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + Array(payload), poller)
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        Glibc.close(socket)
    }
}
