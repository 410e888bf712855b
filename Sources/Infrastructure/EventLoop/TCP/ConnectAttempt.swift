import CUV

/// One outgoing connection in the making: looks the name up, tries its addresses in turn, does the TLS handshake, all
/// within one deadline, and reports once.
final class ConnectAttempt {
    typealias Completion = (Result<TCPConnection, EventLoopError>) -> Void

    private let loop: EventLoop
    private let endpoint: HostPort
    private let tls: TLSClientContext?
    private var completion: Completion?
    private var deadline: LoopTimer?
    private var addresses: ArraySlice<SocketAddress> = []
    private var current: TCPConnection?

    init(loop: EventLoop, endpoint: HostPort, tls: TLSClientContext?, completion: @escaping Completion) {
        self.loop = loop
        self.endpoint = endpoint
        self.tls = tls
        self.completion = completion
    }

    /// Begins; the completion is called later, never from within this call.
    func start(address: SocketAddress?, timeoutMilliseconds: UInt64) {
        let bound = LoopBound(self, on: loop)
        loop.execute { bound.value.begin(address, timeoutMilliseconds) }
    }

    private func begin(_ address: SocketAddress?, _ timeoutMilliseconds: UInt64) {
        guard !loop.isStopping else {
            return finish(.failure(EventLoopError(.stopped, "loop \(loop.name) is stopping")))
        }
        deadline = loop.schedule(afterMilliseconds: timeoutMilliseconds) { [weak self] in
            self?.timedOut(after: timeoutMilliseconds)
        }
        if let address = address ?? SocketAddress(host: endpoint.host, port: endpoint.port) {
            addresses = [address]
            return tryNext(after: nil)
        }
        let failure = AddressLookup.begin(endpoint, on: loop) { outcome in
            switch outcome {
            case .success(let addresses):
                self.addresses = addresses[...]
                self.tryNext(after: nil)
            case .failure(let error):
                self.finish(.failure(error))
            }
        }
        if let failure {
            finish(.failure(failure))
        }
    }

    /// The connection is ready to be used.
    func established(_ connection: TCPConnection) {
        current = nil
        finish(.success(connection))
    }

    /// The connection to one of the addresses came to nothing.
    func connectionFailed(_ reason: CloseReason) {
        current = nil
        switch reason {
        case .error(let error) where error.code == .connect: tryNext(after: error)
        case .error(let error): finish(.failure(error))
        case .peerClosed, .slowReader: finish(.failure(EventLoopError(.connect, "\(endpoint): closed by the peer")))
        case .local: finish(.failure(EventLoopError(.stopped, "loop \(loop.name) is stopping")))
        }
    }

    private func tryNext(after error: EventLoopError?) {
        guard completion != nil else { return }
        guard !loop.isStopping else {
            return finish(.failure(EventLoopError(.stopped, "loop \(loop.name) is stopping")))
        }
        guard let address = addresses.popFirst() else {
            return finish(.failure(error ?? EventLoopError(.resolution, "\(endpoint): no address")))
        }
        do throws(EventLoopError) {
            let session = try tls.map { context throws(EventLoopError) in
                try TLSSession(client: context, host: endpoint.host)
            }
            current = try TCPConnection.begin(to: address, on: loop, tls: session, for: self)
        } catch {
            finish(.failure(error))
        }
    }

    private func timedOut(after milliseconds: UInt64) {
        let connection = current
        finish(.failure(EventLoopError(.connectTimedOut, "\(endpoint): not connected after \(milliseconds) ms")))
        connection?.close(.local)
    }

    private func finish(_ outcome: Result<TCPConnection, EventLoopError>) {
        deadline?.cancel()
        deadline = nil
        current = nil
        let completion = completion
        self.completion = nil
        completion?(outcome)
    }
}
