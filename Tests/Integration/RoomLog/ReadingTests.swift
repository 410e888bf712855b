import Application
import Domain
import EventLoop
import Redis
import Support
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(5))) struct ReadingTests {
    @Test func readsEachEntryOnce() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            #expect(try await rooms.read().isEmpty)
            _ = try await rooms.publish(from: [1, 1])
            #expect(try await rooms.read().count == 2)
            #expect(try await rooms.read().isEmpty)
        }
    }

    @Test func aGroupThatIsGoneIsMadeAgainWhereTheReaderIs() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.read().count == 1)
            let room = rooms.room
            rooms.loop.execute { [log = rooms.log] in log.value.close(room) {} }
            _ = try await rooms.publish(from: [1, 1])
            await #expect(throws: RoomLogError.noGroup) { try await rooms.read() }
            let entries = try await rooms.reread(after: Position(seq: 1))
            #expect(entries.map(\.position) == [Position(seq: 2), Position(seq: 3)])
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.read().map(\.position) == [Position(seq: 4)])
        }
    }

    @Test func anEntryThatCannotBeReadDoesNotHideTheOnesBehindIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            _ = try await rooms.publish(from: [1])
            let keys = try await rooms.client.command("KEYS", "stream:*").elements ?? []
            let stream = try #require(keys.first?.text)
            for (id, head) in [("1-1", "9 m of the future"), ("1-2", "1 q 1-1 5 1 \(rooms.room.hex)"), ("1-3", "")] {
                _ = try await rooms.client.command("XADD", stream, id, "h", head, "b", "x")
            }
            _ = try await rooms.client.command("XADD", stream, "1-4", "other", "fields")
            _ = try await rooms.publish(from: [1])
            let entries = try await rooms.read()
            #expect(entries.count == 6)
            let readable = entries.filter { if case .message = $0.event { true } else { false } }
            #expect(readable.map(\.position) == [Position(seq: 1), Position(seq: 2)])
        }
    }
}
