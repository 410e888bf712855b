import Application
import Domain
import Launcher
import Support
import Testing

@testable import Redis

@Suite(.timeLimit(.minutes(5))) struct PersistLogTests {
    private func finished(_ room: ClaimedRoom) -> FinishedRoom {
        FinishedRoom(id: room.id, saved: room.entries.last?.position, acknowledged: room.entries.map(\.position))
    }

    @Test func claimsWhatIsDueOnceAndFinishesIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.isEmpty)
            _ = try await rooms.publish(from: [1, 1])
            let claimed = try await rooms.persistLog.claim(shards: Array(0..<256), token: "a").rooms
            #expect(claimed.map(\.id) == [rooms.room])
            let room = try #require(claimed.first)
            #expect(room.entries.map(\.position) == [Position(seq: 1), Position(seq: 2)])
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.isEmpty)
            #expect(try await rooms.persistLog.finish([finished(room)], token: "a").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 2))
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.isEmpty)
        }
    }

    @Test func whatComesMeanwhileIsClaimedNext() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            let first = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.persistLog.finish([finished(first)], token: "a").isEmpty)
            let second = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.first)
            #expect(second.entries.map(\.position) == [Position(seq: 2)])
        }
    }

    @Test func whatAClaimLeftIsReadFirstByTheNext() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            let late = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "late").rooms.first)
            _ = try await rooms.publish(from: [1])
            try await rooms.endLease()
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "next").rooms.first)
            #expect(room.entries.map(\.position) == [1, 2, 3].map { Position(seq: $0) })
            #expect(try await rooms.persistLog.finish([finished(late)], token: "late") == [rooms.room])
            #expect(try await rooms.open(for: 1).saved == .zero)
        }
    }

    @Test func aClaimThatWasLostReadsNothing() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "a")
            _ = try await rooms.publish(from: [1])
            let late = try await rooms.persistLog.read([rooms.room], token: "late")
            #expect(late.rooms.isEmpty)
            #expect(late.unreadable.isEmpty)
            let held = try await rooms.persistLog.read([rooms.room], token: "a")
            #expect(held.rooms.first?.entries.map(\.position) == [Position(seq: 1), Position(seq: 2)])
        }
    }

    @Test func theSavedPositionNeverGoesBack() async throws {
        try await RoomLogHarness.with(replayEntries: 1) { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: Array(repeating: 1, count: 10))
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "a")
            let ahead = FinishedRoom(id: rooms.room, saved: Position(seq: 9), acknowledged: [])
            #expect(try await rooms.persistLog.finish([ahead], token: "a").isEmpty)
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "b")
            // As text it would be the greater one.
            let behind = FinishedRoom(id: rooms.room, saved: Position(seq: 8, change: 11), acknowledged: [])
            #expect(try await rooms.persistLog.finish([behind], token: "b").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 9))
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "c")
            let end = FinishedRoom(id: rooms.room, saved: Position(seq: 10), acknowledged: [])
            #expect(try await rooms.persistLog.finish([end], token: "c").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 10))
        }
    }

    @Test func whatWasTrimmedWhilePendingIsPassedOver() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "a")
            _ = try await rooms.publish(from: [1])
            _ = try await rooms.client.command("XDEL", rooms.logKey, "1-0")
            let read = try await rooms.persistLog.read([rooms.room], token: "a")
            #expect(read.rooms.first?.entries.map(\.position) == [Position(seq: 2), Position(seq: 3)])
        }
    }

    @Test func aRoomThatCannotBeReadStopsNoOther() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            _ = try await rooms.client.command("SET", rooms.logKey, "no stream")
            let claim = try await rooms.persistLog.claim(shards: [rooms.shard], token: "a")
            #expect(claim.rooms.isEmpty)
            #expect(claim.unreadable == [rooms.room])
            let postponed = FinishedRoom(postponed: rooms.room, byMilliseconds: 60_000)
            #expect(try await rooms.persistLog.finish([postponed], token: "a").isEmpty)
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").unreadable.isEmpty)
        }
    }

    @Test func aGroupThatIsGoneIsMadeAgainWhereTheStoredEnds() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            let first = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            #expect(try await rooms.persistLog.finish([finished(first)], token: "a").isEmpty)
            _ = try await rooms.publish(from: [1, 1])
            _ = try await rooms.client.command("XGROUP", "DESTROY", rooms.logKey, "persister")
            let claim = try await rooms.persistLog.claim(shards: [rooms.shard], token: "b")
            let room = try #require(claim.rooms.first)
            #expect(claim.unreadable.isEmpty)
            #expect(room.entries.map(\.position) == [Position(seq: 2), Position(seq: 3)])
            #expect(try await rooms.persistLog.finish([finished(room)], token: "b").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 3))
        }
    }

    @Test func aLogThatIsGoneBeginsAgainWithTheNextMessage() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            _ = try await rooms.client.command("DEL", rooms.logKey)
            let empty = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            #expect(empty.entries.isEmpty)
            try await rooms.endLease()
            _ = try await rooms.publish(from: [1])
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.first)
            #expect(room.entries.map(\.position) == [Position(seq: 2)])
            #expect(try await rooms.persistLog.finish([finished(room)], token: "b").isEmpty)
            #expect(try await rooms.open(for: 1).saved == Position(seq: 2))
        }
    }

    @Test func storesAndFreesWithoutMemoryLeft() async throws {
        let folder = try TestFolder.makeFolder("redis-full")
        let server = try await blocking { try RedisServer.start(folder: folder, port: try LoopbackPort.free()) }
        defer { server.kill() }
        try await RoomLogHarness.with(redisURL: server.url) { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            _ = try await rooms.client.command("CONFIG", "SET", "maxmemory", "1")
            await #expect(throws: (any Error).self) { try await rooms.publish(from: [1]) }
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            guard case .message(let message)? = room.entries.last?.event else {
                Issue.record("not a message: \(room.entries)")
                return
            }
            let letter = DeadLetter(message, tries: 3)
            #expect(try await rooms.persistLog.count([FailedEntry(id: letter.id, cause: "x")], token: "a").count == 1)
            try await rooms.persistLog.bury([letter], code: .rejected, token: "a")
            #expect(try await rooms.persistLog.finish([finished(room)], token: "a").isEmpty)
            _ = try await rooms.client.command("CONFIG", "SET", "maxmemory", "0")
            #expect(try await rooms.open(for: 1).saved == Position(seq: 2))
            #expect(try await rooms.open(for: 1).last == Position(seq: 2, change: 1))
        }
    }

    @Test func aPostponedRoomKeepsItsEntries() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            let postponed = FinishedRoom(id: room.id, saved: nil, acknowledged: [], retryAfterMilliseconds: 1)
            #expect(try await rooms.persistLog.finish([postponed], token: "a").isEmpty)
            var again: ClaimedRoom?
            while again == nil {
                again = try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.first
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
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            let part = FinishedRoom(
                id: room.id, saved: Position(seq: 300), acknowledged: room.entries.prefix(300).map(\.position))
            #expect(try await rooms.persistLog.finish([part], token: "a").isEmpty)
            let left = try await rooms.reread(after: .zero)
            #expect((left.first?.position.seq ?? 0) > 1)
            #expect((left.first?.position.seq ?? .max) <= 300)
            #expect(left.last?.position == Position(seq: 600))
        }
    }
}

extension RoomLogHarness {
    /// The name of the room's stream.
    var logKey: String { name(.log) }

    /// Does what time does to a claim: the lock is gone and the room is due again.
    func endLease() async throws {
        _ = try await client.command("DEL", name(.lock))
        _ = try await client.command("ZADD", name(.ready), "XX", "0", "\(room)")
    }
}
