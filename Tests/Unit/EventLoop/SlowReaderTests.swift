import Bytes
import EventLoop
import Support
import Testing

@Suite("Slow readers", .timeLimit(.minutes(5)))
struct SlowReaderTests {
    /// A connection whose peer does not read, and what it was seen to do.
    private func unread(
        on loop: EventLoop, limits: OutboundLimits
    ) async throws -> (connection: LoopBound<TCPConnection>, seen: Observed<Seen>) {
        let address = try await loop.listen { $0.pauseReading() }
        let seen = Observed(Seen())
        let connection = try await loop.connect(to: address) { connection in
            connection.delegate = Recorder(seen)
            connection.outboundLimits = limits
        }
        return (connection, seen)
    }

    @Test("Who has too much waiting is cut off, and memory stays bounded")
    func overflow() async throws {
        try await withLoop { loop in
            let limits = OutboundLimits(maxQueuedBytes: 100_000, stallMilliseconds: 60_000)
            let (connection, seen) = try await unread(on: loop, limits: limits)
            let frame = SharedBytes(pattern(50_000))
            var isOpen = true
            while isOpen {
                isOpen = try await loop.submit {
                    connection.value.write(frame)
                    #expect(connection.value.queuedBytes <= 150_000)
                    return connection.value.isOpen
                }
            }
            await seen.wait { !$0.closed.isEmpty }
            #expect(seen.value.closed.map(\.name) == ["tooMuchQueued"])
            #expect(try await loop.submit { loop.counters.slowReaders } == 1)
        }
    }

    @Test("A burst longer than the limit is no fault of a peer that reads")
    func burst() async throws {
        try await withLoop { loop in
            let received = Observed(Seen())
            let address = try await loop.listen { $0.delegate = Recorder(received) }
            let seen = Observed(Seen())
            let client = try await loop.connect(to: address) { connection in
                connection.delegate = Recorder(seen)
                connection.outboundLimits.maxQueuedBytes = 1_000
            }
            let frame = SharedBytes(pattern(900))
            try await loop.submit {
                for _ in 0..<20 {
                    client.value.write(frame)
                }
            }
            await received.wait { $0.bytes.count == 18_000 }
            #expect(seen.value.closed.isEmpty)
        }
    }

    @Test("Who takes nothing for too long is cut off")
    func stalled() async throws {
        try await withLoop { loop in
            let limits = OutboundLimits(maxQueuedBytes: 100_000_000, stallMilliseconds: 300)
            let (connection, seen) = try await unread(on: loop, limits: limits)
            let frame = SharedBytes([UInt8](repeating: 1, count: 20_000_000))
            try await loop.submit { connection.value.write(frame) }
            await seen.wait { !$0.closed.isEmpty }
            #expect(seen.value.closed.map(\.name) == ["stalled"])
            #expect(seen.value.drained == 0)
            #expect(try await loop.submit { loop.counters.blockedWrites } > 0)
        }
    }

    @Test("Who takes little by little is not cut off, for however long it takes")
    func progress() async throws {
        try await withLoop { loop in
            let reader = Observed<[LoopBound<TCPConnection>]>([])
            let received = Observed(Seen())
            let address = try await loop.listen { connection in
                let bound = LoopBound(connection, on: connection.loop)
                connection.delegate = Recorder(received) { connection, _ in
                    connection.pauseReading()
                    loop.schedule(afterMilliseconds: 10) { bound.value.resumeReading() }
                }
                reader.update { $0.append(bound) }
            }
            let seen = Observed(Seen())
            let limits = OutboundLimits(maxQueuedBytes: 100_000_000, stallMilliseconds: 1_000)
            let client = try await loop.connect(to: address) { connection in
                connection.delegate = Recorder(seen)
                connection.outboundLimits = limits
            }
            let frame = SharedBytes([UInt8](repeating: 1, count: 10_000_000))
            try await loop.submit { client.value.write(frame) }
            await received.wait { $0.bytes.count == 10_000_000 }
            #expect(seen.value.closed.isEmpty)
        }
    }
}
