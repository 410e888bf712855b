import Application
import Domain
import Redis
import Support
import Testing

@Suite(.timeLimit(.minutes(5))) struct PersistLogTests {
    private func finished(_ room: ClaimedRoom) -> FinishedRoom {
        FinishedRoom(id: room.id, saved: room.entries.last?.position, acknowledged: room.entries.map(\.position))
    }

    @Test func claimsWhatIsDueOnceAndFinishesIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").isEmpty)
            _ = try await rooms.publish(from: [1, 1])
            let claimed = try await rooms.persistLog.claim(shards: Array(0..<256), token: "a")
            #expect(claimed.map(\.id) == [rooms.room])
            let room = try #require(claimed.first)
            #expect(room.entries.map(\.position) == [Position(seq: 1), Position(seq: 2)])
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").isEmpty)
            #expect(try await rooms.persistLog.finish([finished(room)], token: "a").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 2))
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").isEmpty)
        }
    }

    @Test func whatComesMeanwhileIsClaimedNext() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            let first = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").first)
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.persistLog.finish([finished(first)], token: "a").isEmpty)
            let second = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").first)
            #expect(second.entries.map(\.position) == [Position(seq: 2)])
        }
    }

    @Test func whatAClaimLeftIsReadFirstByTheNext() async throws {
        try await RoomLogHarness.with(leaseMilliseconds: 1) { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            let late = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "late").first)
            _ = try await rooms.publish(from: [1])
            var next: ClaimedRoom?
            while next == nil {
                next = try await rooms.persistLog.claim(shards: [rooms.shard], token: "next").first
            }
            let room = try #require(next)
            #expect(room.entries.map(\.position) == [1, 2, 3].map { Position(seq: $0) })
            #expect(try await rooms.persistLog.finish([finished(late)], token: "late") == [rooms.room])
            #expect(try await rooms.open(for: 1).saved == .zero)
        }
    }

    @Test func aPostponedRoomKeepsItsEntries() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").first)
            let postponed = FinishedRoom(id: room.id, saved: nil, acknowledged: [], retryAfterMilliseconds: 1)
            #expect(try await rooms.persistLog.finish([postponed], token: "a").isEmpty)
            var again: ClaimedRoom?
            while again == nil {
                again = try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").first
            }
            #expect(again?.entries.map(\.position) == [Position(seq: 1)])
        }
    }

    @Test func trimsOnlyBehindTheSavedPosition() async throws {
        try await RoomLogHarness.with(replayEntries: 10) { rooms in
            try await rooms.warm([(1, .owner)])
            for _ in 0..<3 {
                _ = try await rooms.publish(from: Array(repeating: 1, count: 200))
            }
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").first)
            let part = FinishedRoom(
                id: room.id, saved: Position(seq: 300), acknowledged: room.entries.prefix(300).map(\.position))
            #expect(try await rooms.persistLog.finish([part], token: "a").isEmpty)
            let left = try await rooms.reread(after: .zero)
            #expect((left.first?.position.seq ?? 0) > 1)
            #expect((left.first?.position.seq ?? .max) <= 300)
            #expect(left.last?.position == Position(seq: 600))
        }
    }

    @Test func aFailureIsToldInTheLogAndItsTempIDIsFree() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            let outgoing = rooms.message(from: 1)
            _ = try await rooms.publish([[outgoing]])
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").first)
            guard case .message(let message)? = room.entries.first?.event else {
                Issue.record("not a message: \(room.entries)")
                return
            }
            #expect(message.content == MessageContent(text: "hi", kind: .text))
            try await rooms.persistLog.fail(message, code: .rejected, token: "a")
            try await rooms.persistLog.fail(message, code: .rejected, token: "a")
            let entries = try await rooms.read()
            #expect(entries.map(\.position) == [Position(seq: 1), Position(seq: 1, change: 1)])
            #expect(
                entries.last?.event
                    == .failed(id: outgoing.id, senderID: outgoing.senderID, tempID: outgoing.tempID, code: .rejected))
            let retry = rooms.message(from: 1, tempID: outgoing.tempID)
            guard case .inLog(retry.id, 2, _)? = try await rooms.publish([[retry]]).first else {
                Issue.record("the retry is not a new message")
                return
            }
        }
    }
}
