import EventLoop
import Support
import Testing

@Suite("Connecting and listening", .timeLimit(.minutes(5)))
struct ConnectTests {
    private func errorCode(of body: () async throws -> some Sendable) async throws -> EventLoopError.Code? {
        do {
            _ = try await body()
            return nil
        } catch let error as EventLoopError {
            return error.code
        }
    }

    /// A port that nobody listens on: one that the system chose for a listener that has closed.
    private func freePort(_ loop: EventLoop) async throws -> UInt16 {
        try await loop.submit {
            let listener = try TCPListener.listen(
                on: loop, address: .loopback(port: 0), reusePort: false, accept: { _ in })
            listener.close()
            return listener.address.port
        }
    }

    @Test("A host is found by name, each of its addresses being tried")
    func byName() async throws {
        try await withLoop { loop in
            // On IPv4 alone, so that a name that has ::1 first must go on to its second address.
            let address = try await loop.listen { $0.write([7]) }
            let seen = Observed(Seen())
            _ = try await loop.connect(to: HostPort(host: "localhost", port: address.port)) {
                $0.delegate = Recorder(seen)
            }
            await seen.wait { $0.bytes == [7] }
        }
    }

    @Test("Nobody there is a connect error")
    func refused() async throws {
        try await withLoop { loop in
            let port = try await freePort(loop)
            let code = try await errorCode { try await loop.connect(to: .loopback(port: port)) { _ in } }
            #expect(code == .connect)
            #expect(try await loop.submit { loop.counters.connections } == 0)
        }
    }

    @Test("A name that is none is a resolution error")
    func unknownName() async throws {
        try await withLoop { loop in
            let code = try await errorCode {
                try await loop.connect(to: HostPort(host: "nobody.invalid", port: 1)) { _ in }
            }
            #expect(code == .resolution)
        }
    }

    @Test("A peer that never answers the handshake is given up")
    func timeout() async throws {
        try await withLoop { loop in
            let address = try await loop.listen { _ in }
            let tls = try TLSClientContext(trust: .anything)
            let outcome = Observed<[EventLoopError.Code?]>([])
            loop.execute {
                TCPConnection.connect(on: loop, to: address, tls: tls, timeoutMilliseconds: 50) { result in
                    var code: EventLoopError.Code?
                    if case .failure(let error) = result {
                        code = error.code
                    }
                    outcome.update { $0.append(code) }
                }
            }
            let codes = await outcome.wait { !$0.isEmpty }
            #expect(codes == [.connectTimedOut])
        }
    }

    @Test("A port that is taken is reported as such")
    func inUse() async throws {
        try await withLoop { loop in
            let address = try await loop.listen { _ in }
            let code = try await errorCode {
                try await loop.submit {
                    LoopBound(
                        try TCPListener.listen(on: loop, address: address, reusePort: false, accept: { _ in }),
                        on: loop)
                }
            }
            #expect(code == .addressInUse)
        }
    }

    @Test("Several loops share a port, and the kernel spreads connections over them")
    func reusePort() async throws {
        try await withLoop("first") { first in
            try await withLoop("second") { second in
                let names = Observed<[String]>([])
                let listen: @Sendable (EventLoop, SocketAddress) async throws -> SocketAddress = { loop, address in
                    try await loop.submit {
                        try TCPListener.listen(on: loop, address: address, reusePort: true) { connection in
                            names.update { $0.append(connection.loop.name) }
                        }.address
                    }
                }
                let address = try await listen(first, .loopback(port: 0))
                #expect(try await listen(second, address) == address)
                for _ in 0..<64 {
                    _ = try await first.connect(to: address) { _ in }
                }
                let seen = await names.wait { $0.count == 64 }
                #expect(Set(seen) == ["first", "second"])
            }
        }
    }

    @Test("A listener that is closed accepts nobody, and leaves alone who came before")
    func closedListener() async throws {
        try await withLoop { loop in
            let listener = Observed<[LoopBound<TCPListener>]>([])
            let address = try await loop.submit {
                let made = try TCPListener.listen(on: loop, address: .loopback(port: 0), reusePort: false) {
                    $0.delegate = Recorder(Observed(Seen())) { $0.write($1) }
                }
                let bound = LoopBound(made, on: loop)
                listener.update { $0.append(bound) }
                return made.address
            }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(seen) }
            try await loop.submit {
                client.value.write([1])
                // The connection may still be waiting in the backlog, which a close would drop with the socket.
            }
            await seen.wait { $0.bytes == [1] }
            try await loop.submit { listener.value[0].value.close() }
            try await loop.submit { client.value.write([2]) }
            await seen.wait { $0.bytes == [1, 2] }
            let code = try await errorCode { try await loop.connect(to: address) { _ in } }
            #expect(code == .connect)
        }
    }
}
