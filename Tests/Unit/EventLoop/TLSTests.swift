import Bytes
import EventLoop
import Support
import Testing

@Suite("TLS", .timeLimit(.minutes(5)))
struct TLSTests {
    private func code(of body: () async throws -> some Sendable) async throws -> EventLoopError.Code? {
        do {
            _ = try await body()
            return nil
        } catch let error as EventLoopError {
            return error.code
        }
    }

    /// Runs `body` with an echo server whose certificate is for `localhost` and 127.0.0.1.
    private func withEcho(
        server seen: Observed<Seen> = Observed(Seen()),
        _ body: (EventLoop, UInt16, TestCertificates) async throws -> Void
    ) async throws {
        try await TestCertificates.with { files in
            let tls = try TLSServerContext(certificateFile: files.certificate, keyFile: files.key)
            try await withLoop { loop in
                let address = try await loop.listen(tls: tls) { $0.delegate = Recorder(seen) { $0.write($1) } }
                try await body(loop, address.port, files)
            }
        }
    }

    @Test("What is sent comes back, byte for byte, by name and by number", arguments: ["localhost", "127.0.0.1"])
    func echo(host: String) async throws {
        try await withEcho { loop, port, files in
            let trust = try TLSClientContext(trust: .authorities(file: files.authority))
            for count in [1, 16_384, 16_385, 2_000_000] {
                let seen = Observed(Seen())
                let sent = pattern(count)
                let client = try await loop.connect(to: HostPort(host: host, port: port), tls: trust) {
                    $0.delegate = Recorder(seen)
                    $0.outboundLimits.maxQueuedBytes = 10_000_000
                }
                try await loop.submit { client.value.write(sent) }
                let outcome = await seen.wait { $0.bytes.count >= count }
                #expect(outcome.bytes == sent)
            }
        }
    }

    @Test("Many small writes of a turn become one record and one call")
    func coalesced() async throws {
        let server = Observed(Seen())
        try await withEcho(server: server) { loop, port, files in
            let trust = try TLSClientContext(trust: .authorities(file: files.authority))
            let seen = Observed(Seen())
            let client = try await loop.connect(to: HostPort(host: "localhost", port: port), tls: trust) {
                $0.delegate = Recorder(seen)
            }
            try await loop.submit { client.value.write([1]) }
            await seen.wait { $0.bytes.count == 1 }
            let before = try await loop.submit {
                for _ in 0..<100 {
                    client.value.write([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
                }
                #expect(client.value.queuedBytes == 1_000)
                return loop.counters
            }
            await seen.wait { $0.bytes.count == 1_001 }
            let after = try await loop.submit { loop.counters }
            // One call of the client's, one of the server's echo.
            #expect(after.writes - before.writes == 2)
        }
    }

    @Test("A certificate of an unknown authority is refused")
    func unknownAuthority() async throws {
        let server = Observed(Seen())
        try await withEcho(server: server) { loop, port, _ in
            let trust = try TLSClientContext()
            let code = try await code {
                try await loop.connect(to: HostPort(host: "localhost", port: port), tls: trust) { _ in }
            }
            #expect(code == .tls)
            let outcome = await server.wait { !$0.closed.isEmpty }
            #expect(outcome.bytes.isEmpty)
        }
    }

    @Test("A certificate for another host is refused")
    func wrongHost() async throws {
        try await withEcho { loop, port, files in
            let trust = try TLSClientContext(trust: .authorities(file: files.authority))
            // Another number of this very machine, which the certificate does not name.
            let other = try #require(SocketAddress("127.0.0.2:\(port)"))
            let wide = try #require(SocketAddress("0.0.0.0:0"))
            let server = try TLSServerContext(certificateFile: files.certificate, keyFile: files.key)
            let widePort = try await loop.submit {
                try TCPListener.listen(on: loop, address: wide, reusePort: false, tls: server, accept: { _ in })
                    .address.port
            }
            let address = try #require(SocketAddress(host: other.hostDescription, port: widePort))
            let code = try await code { try await loop.connect(to: address, tls: trust) { _ in } }
            #expect(code == .tls)
        }
    }

    @Test("A client that trusts anything connects")
    func insecure() async throws {
        try await withEcho { loop, port, _ in
            let trust = try TLSClientContext(trust: .anything)
            let seen = Observed(Seen())
            let client = try await loop.connect(to: .loopback(port: port), tls: trust) { $0.delegate = Recorder(seen) }
            try await loop.submit { client.value.write([5]) }
            await seen.wait { $0.bytes == [5] }
        }
    }

    @Test("What does not speak TLS gets an alert and is closed")
    func plainClient() async throws {
        let server = Observed(Seen())
        try await withEcho(server: server) { loop, port, _ in
            let seen = Observed(Seen())
            let client = try await loop.connect(to: .loopback(port: port)) { $0.delegate = Recorder(seen) }
            try await loop.submit { client.value.write(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
            await seen.wait { !$0.closed.isEmpty }
            let outcome = await server.wait { !$0.closed.isEmpty }
            #expect(outcome.closed.map(\.name) == ["error.tls"])
            #expect(outcome.bytes.isEmpty)
        }
    }

    @Test("A graceful close sends all that was written before the handshake, and says goodbye")
    func closeAfterFlush() async throws {
        try await TestCertificates.with { files in
            let tls = try TLSServerContext(certificateFile: files.certificate, keyFile: files.key)
            try await withLoop { loop in
                let reply = pattern(1_000_000)
                let address = try await loop.listen(tls: tls) { connection in
                    connection.write(reply)
                    connection.closeAfterFlush()
                }
                let seen = Observed(Seen())
                let trust = try TLSClientContext(trust: .authorities(file: files.authority))
                _ = try await loop.connect(to: address, tls: trust) { $0.delegate = Recorder(seen) }
                let outcome = await seen.wait { !$0.closed.isEmpty }
                #expect(outcome.bytes == reply)
                #expect(outcome.closed.map(\.name) == ["peerClosed"])
            }
        }
    }

    @Test("A pause in the middle of what was decrypted loses nothing")
    func pause() async throws {
        try await withEcho { loop, port, files in
            let trust = try TLSClientContext(trust: .authorities(file: files.authority))
            let seen = Observed(Seen())
            let client = try await loop.connect(to: HostPort(host: "localhost", port: port), tls: trust) { connection in
                let bound = LoopBound(connection, on: connection.loop)
                connection.outboundLimits.maxQueuedBytes = 10_000_000
                connection.delegate = Recorder(seen) { connection, _ in
                    connection.pauseReading()
                    connection.loop.execute { bound.value.resumeReading() }
                }
            }
            let sent = pattern(400_000)
            try await loop.submit { client.value.write(sent) }
            let outcome = await seen.wait { $0.bytes.count >= sent.count }
            #expect(outcome.bytes == sent)
        }
    }

    @Test("Files that are missing, or do not belong together, are refused at start")
    func configuration() async throws {
        try await TestCertificates.with { files in
            #expect(throws: EventLoopError.self) {
                try TLSServerContext(certificateFile: files.certificate, keyFile: files.otherKey)
            }
            #expect(throws: EventLoopError.self) {
                try TLSServerContext(certificateFile: files.certificate, keyFile: "/nonexistent")
            }
            #expect(throws: EventLoopError.self) {
                try TLSServerContext(certificateFile: "/nonexistent", keyFile: files.key)
            }
            #expect(throws: EventLoopError.self) { try TLSClientContext(trust: .authorities(file: "/nonexistent")) }
        }
    }
}
