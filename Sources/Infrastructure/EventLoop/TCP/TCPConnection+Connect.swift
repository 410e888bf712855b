import CUV

/// How outgoing connections are made.
extension TCPConnection {
    /// Connects to a host by name or number, trying each of its addresses. Loop-only.
    ///
    /// `completion` is called once, later, on the loop: with a connection that is established, its TLS handshake
    /// included, and whose delegate is to be set there and then; or with an error (`resolution`, `connect`,
    /// `connectTimedOut`, `tls`, `stopped`, `resources`).
    public static func connect(
        on loop: EventLoop, to endpoint: HostPort, tls: TLSClientContext? = nil,
        timeoutMilliseconds: UInt64 = ConnectLimits.timeoutMilliseconds,
        completion: @escaping (Result<TCPConnection, EventLoopError>) -> Void
    ) {
        loop.assertCurrent()
        ConnectAttempt(loop: loop, endpoint: endpoint, tls: tls, completion: completion)
            .start(address: nil, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Connects to an address, as ``connect(on:to:tls:timeoutMilliseconds:completion:)`` to a host. The certificate of a
    /// TLS peer must name the number.
    public static func connect(
        on loop: EventLoop, to address: SocketAddress, tls: TLSClientContext? = nil,
        timeoutMilliseconds: UInt64 = ConnectLimits.timeoutMilliseconds,
        completion: @escaping (Result<TCPConnection, EventLoopError>) -> Void
    ) {
        loop.assertCurrent()
        let endpoint = HostPort(host: address.hostDescription, port: address.port)
        ConnectAttempt(loop: loop, endpoint: endpoint, tls: tls, completion: completion)
            .start(address: address, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Begins to connect; `attempt` hears how it ends.
    static func begin(
        to address: SocketAddress, on loop: EventLoop, tls: TLSSession?, for attempt: ConnectAttempt
    ) throws(EventLoopError) -> TCPConnection {
        let handle = try UVHandle { (handle: UnsafeMutablePointer<uv_tcp_t>) in
            loop.uv.withPointer { uv_tcp_init($0, handle) }
        }
        let connection = TCPConnection(
            loop: loop, handle: handle, remoteAddress: address, tls: tls, phase: .connecting)
        connection.attempt = attempt
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        let status = handle.withPointer { tcp in
            address.withSystemAddress { address, _ in
                uv_tcp_connect(request, tcp, address) { request, status in
                    let connection = handleOwner(request?.pointee.handle?.pointee.data, as: TCPConnection.self)
                    request?.deallocate()
                    connection?.connected(status)
                }
            }
        }
        if status != 0 {
            request.deallocate()
            connection.connected(status)
        }
        return connection
    }

    /// The connection can be used: tells whoever waited for it, and lets bytes come.
    func established() {
        phase = .open
        let attempt = attempt
        self.attempt = nil
        attempt?.established(self)
        if phase == .open, !isReadingPaused {
            startReading()
        }
    }

    private func connected(_ status: Int32) {
        guard phase == .connecting else { return }
        guard status == 0 else {
            return close(.error(EventLoopError(.connect, "\(remoteAddress): \(String(cString: uv_strerror(status)))")))
        }
        handle.withPointer { _ = uv_tcp_nodelay($0, 1) }
        guard let tls else { return established() }
        startReading()
        _ = continueHandshake(tls)
    }
}
