import Bytes
import EventLoop
import Support
import Testing

@Suite("TCP connections", .timeLimit(.minutes(5)))
struct TCPConnectionTests {
    @Test("What is sent comes back, byte for byte", arguments: [1, 65_536, 3_000_000])
    func echo(count: Int) async throws {
        try await withLoop { loop in
            let address = try await loop.listen { $0.delegate = Recorder(Observed(Seen())) { $0.write($1) } }
            let seen = Observed(Seen())
            let sent = pattern(count)
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(seen) }
            try await loop.submit { client.value.write(sent) }
            let outcome = await seen.wait { $0.bytes.count >= count }
            #expect(outcome.bytes == sent)
        }
    }

    @Test(
        "All writes of a turn go in as few calls as their pieces allow",
        arguments: [(1, 1), (64, 1), (65, 2), (200, 4)])
    func coalesced(writes: Int, calls: UInt64) async throws {
        try await withLoop { loop in
            let seen = Observed(Seen())
            let address = try await loop.listen { $0.delegate = Recorder(seen) }
            let client = try await loop.connect(to: address) { _ in }
            let piece = SharedBytes(pattern(10))
            let before = try await loop.submit {
                for _ in 0..<writes {
                    client.value.write(piece)
                }
                #expect(client.value.queuedBytes == writes * 10)
                return loop.counters
            }
            await seen.wait { $0.bytes.count == writes * 10 }
            let after = try await loop.submit { loop.counters }
            #expect(after.writes - before.writes == calls)
        }
    }

    @Test("Being drained is told once the kernel has everything, and lets a writer pace itself")
    func drained() async throws {
        try await withLoop { loop in
            let received = Observed(Seen())
            let address = try await loop.listen { $0.delegate = Recorder(received) }
            let sent = Observed(Seen())
            let chunk = SharedBytes(pattern(300_000))
            let client = try await loop.connect(to: address) { connection in
                connection.delegate = Recorder(
                    sent,
                    drained: { connection in
                        #expect(connection.queuedBytes == 0)
                        if sent.value.drained < 20 {
                            connection.write(chunk)
                        }
                    })
            }
            try await loop.submit { client.value.write(chunk) }
            await received.wait { $0.bytes.count == 20 * 300_000 }
            await sent.wait { $0.drained == 20 }
            #expect(sent.value.closed.isEmpty)
        }
    }

    @Test("Nothing is accepted, and nothing told, after a close")
    func writeAfterClose() async throws {
        try await withLoop { loop in
            let server = Observed(Seen())
            let address = try await loop.listen { $0.delegate = Recorder(server) }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(seen) }
            try await loop.submit {
                client.value.close()
                client.value.write([1, 2, 3])
                client.value.close()
                client.value.closeAfterFlush()
                #expect(!client.value.isOpen)
                #expect(client.value.queuedBytes == 0)
                #expect(seen.value.closed.isEmpty)
            }
            await seen.wait { !$0.closed.isEmpty }
            await server.wait { !$0.closed.isEmpty }
            #expect(seen.value.closed.count == 1)
            #expect(server.value.bytes.isEmpty)
            #expect(try await loop.submit { client.value.delegate == nil })
        }
    }

    @Test("A graceful close sends all that is queued, though input is unread")
    func closeAfterFlush() async throws {
        try await withLoop { loop in
            let reply = pattern(2_000_000)
            let server = Observed(Seen())
            let address = try await loop.listen { connection in
                connection.delegate = Recorder(server) { connection, _ in
                    connection.write(reply)
                    connection.closeAfterFlush()
                    connection.write([0])
                }
            }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(seen) }
            // More than one read takes: what the server leaves unread must not make its kernel discard the reply.
            try await loop.submit { client.value.write(pattern(500_000)) }
            let outcome = await seen.wait { !$0.closed.isEmpty }
            #expect(outcome.bytes == reply)
            #expect(outcome.closed.map(\.name) == ["peerClosed"])
            await server.wait { !$0.closed.isEmpty }
            #expect(server.value.closed.map(\.name) == ["local"])
        }
    }

    @Test("A peer that ends its side still gets what is queued for it")
    func halfClosed() async throws {
        try await withLoop { loop in
            let reply = pattern(1_000_000)
            let server = Observed(Seen())
            let address = try await loop.listen { connection in
                connection.delegate = Recorder(server) { connection, _ in connection.write(reply) }
            }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(seen) }
            try await loop.submit { client.value.write([1]) }
            await server.wait { !$0.bytes.isEmpty }
            // A graceful close that has nothing to send ends our side at once and reads on.
            try await loop.submit { client.value.closeAfterFlush() }
            await server.wait { !$0.closed.isEmpty }
            #expect(server.value.closed.map(\.name) == ["peerClosed"])
            #expect(server.value.drained == 1)
        }
    }

    @Test("A delegate may close from within any of its calls")
    func reentrantClose() async throws {
        try await withLoop { loop in
            let server = Observed(Seen())
            let address = try await loop.listen { connection in
                connection.delegate = Recorder(
                    server, received: { connection, _ in connection.write([1]) }, drained: { $0.close() })
            }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { connection in
                connection.delegate = Recorder(seen) { connection, _ in connection.close() }
            }
            try await loop.submit { client.value.write([0]) }
            await server.wait { !$0.closed.isEmpty }
            await seen.wait { !$0.closed.isEmpty }
            #expect(seen.value.bytes == [1])
            #expect(seen.value.closed.count == 1)
        }
    }

    @Test("A paused connection delivers nothing until it is resumed")
    func pause() async throws {
        try await withLoop { loop in
            let seen = Observed(Seen())
            let accepted = Observed<[LoopBound<TCPConnection>]>([])
            let address = try await loop.listen { connection in
                connection.delegate = Recorder(seen)
                connection.pauseReading()
                let bound = LoopBound(connection, on: connection.loop)
                accepted.update { $0.append(bound) }
            }
            let sent = Observed(Seen())
            let client = try await loop.connect(to: address) { $0.delegate = Recorder(sent) }
            try await loop.submit { client.value.write([1, 2, 3]) }
            await sent.wait { $0.drained == 1 }
            let server = await accepted.wait { !$0.isEmpty }[0]
            try await loop.submit {
                #expect(seen.value.bytes.isEmpty)
                server.value.resumeReading()
            }
            await seen.wait { $0.bytes == [1, 2, 3] }
        }
    }
}

extension CloseReason {
    /// The reason without what belongs to it, to compare by.
    var name: String {
        switch self {
        case .peerClosed: "peerClosed"
        case .local: "local"
        case .slowReader(.tooMuchQueued): "tooMuchQueued"
        case .slowReader(.stalled): "stalled"
        case .error(let error): "error.\(error.code)"
        }
    }
}
