import Application
import Domain
import Redis
import Support
import Testing
import WireProtocols

/// A trace on its way through a room's log.
@Suite(.timeLimit(.minutes(5))) struct TracedEntryTests {
    private static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func aTraceComesOutAsItWentInAndOthersHaveNone() async throws {
        let trace = try #require(TraceContext(traceparent: Self.text))
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            let unit = [rooms.message(from: 1), rooms.message(from: 1, trace: trace)]
            _ = try await rooms.publish([unit, [rooms.message(from: 1)]])
            let entries = try await rooms.read()
            #expect(entries.map(\.trace) == [nil, trace, nil])
            #expect(entries.map(\.position) == (1...3).map { Position(seq: $0) })
            #expect(try await rooms.reread(after: .zero) == entries)
            let claim = try await rooms.persistLog.claim(shards: [rooms.shard], token: "t")
            #expect(claim.rooms.first?.entries.map(\.trace) == [nil, trace, nil])
        }
    }

    /// Release 0.1.0 wants two fields and reads the first eight words of `h`, of which the eighth means nothing to it.
    @Test func anOlderReleaseCanReadIt() async throws {
        let trace = try #require(TraceContext(traceparent: Self.text))
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let messages = [rooms.message(from: 1), rooms.message(from: 1, trace: trace)]
            _ = try await rooms.publish([messages])
            let keys = try await rooms.client.command("KEYS", "stream:*").elements ?? []
            let stream = try #require(keys.first?.text)
            let entries = try await rooms.client.command("XRANGE", stream, "-", "+").elements ?? []
            for (index, entry) in entries.enumerated() {
                let fields = entry.elements?.last?.elements?.compactMap(\.text) ?? []
                #expect(fields.count == 4)
                #expect([fields[0], fields[2]] == ["h", "b"])
                let words = fields[1].split(separator: " ")
                #expect(words.count == (index == 0 ? 7 : 8))
                #expect(words[5] == "\(messages[index].id)")
                #expect(words[6] == "\(messages[index].tempID)")
            }
            #expect(entries.count == 2)
        }
    }

    @Test func aTraceThatCannotBeReadIsNone() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            _ = try await rooms.publish(from: [1])
            let keys = try await rooms.client.command("KEYS", "stream:*").elements ?? []
            let stream = try #require(keys.first?.text)
            let message = rooms.message(from: 1)
            let head = "1 m 1-0 5 1 \(message.id) \(message.tempID) later"
            _ = try await rooms.client.command("XADD", stream, "2-0", "h", head, "b", "\"content\":{}")
            let last = try #require(try await rooms.read().last)
            #expect(last.trace == nil)
            guard case .message(message.id, _, message.tempID, _) = last.event else {
                Issue.record("not a message: \(last)")
                return
            }
        }
    }
}
