import Bytes
import EventLoop
import Testing

@Suite("TCP connections", .timeLimit(.minutes(1)))
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
}
