import Application
import Domain
import EventLoop
import Support
import Testing
import WireProtocols

@testable import Redis

@Suite(.timeLimit(.minutes(5))) struct JanitorLogTests {
    private static let gateway = "gw:g1:b1"

    private func withRooms(_ body: @Sendable (RoomLogHarness) async throws -> Void) async throws {
        try await RoomLogHarness.with(persisting: { options in
            options.idleMilliseconds = 0
            options.visitMilliseconds = 0
            options.idleConsumerMilliseconds = 0
            options.silentMilliseconds = 3_600_000
        }) { try await body($0) }
    }

    @Test func anIdleRoomLeavesRedisWholeAndGoesOnWhereItStood() async throws {
        try await withRooms { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            try await rooms.store()
            #expect(try await rooms.idle() == [head(2)])
            #expect(try await rooms.cool(head(2)) == 1)
            #expect(try await rooms.client.command("KEYS", "*\(rooms.room)").elements == [])
            #expect(try await rooms.client.command("ZCARD", rooms.name(.warm)) == .integer(0))
            await #expect(throws: RoomLogError.cold) { try await rooms.publish(from: [1]) }
            await #expect(throws: RoomLogError.cold) { try await rooms.reread(after: Position(seq: 2)) }
            try await rooms.warm([(1, .owner)], last: Position(seq: 2))
            guard case .inLog(_, let seq, _)? = try await rooms.publish(from: [1]).first else {
                Issue.record("it was refused")
                return
            }
            #expect(seq == 3)
        }
    }

    @Test func aRoomThatIsUsedOrDiffersStays() async throws {
        try await withRooms { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.cool(head(1)) == 0, "it waits for the persister")
            let claimed = try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms
            _ = try await rooms.client.command("ZREM", rooms.name(.ready), "\(rooms.room)")
            _ = try await rooms.client.command("HSET", rooms.name(.state), "saved", "1-0")
            #expect(try await rooms.cool(head(1)) == 0, "a worker holds it")
            _ = try await rooms.client.command("DEL", rooms.name(.lock))
            #expect(try await rooms.idle() == [], "the worker has not acknowledged")
            #expect(try await rooms.cool(head(1)) == 0, "the worker has not acknowledged")
            #expect(claimed.count == 1)
            _ = try await rooms.client.command("XACK", rooms.name(.log), "persister", "1-0")
            _ = try await rooms.open(for: 1)
            #expect(try await rooms.idle() == [], "a gateway has it open")
            #expect(try await rooms.cool(head(1)) == 0, "a gateway has it open")
            try await rooms.loop.submit { rooms.log.value.close(rooms.room) {} }
            #expect(try await rooms.cool(head(2)) == 0, "MongoDB is further")
            #expect(try await rooms.cool(RoomHead(epoch: 2, last: Position(seq: 1), membershipVersion: 1)) == 0)
            #expect(try await rooms.cool(RoomHead(epoch: 1, last: Position(seq: 1), membershipVersion: 2)) == 0)
            #expect(try await rooms.cool(head(1)) == 1)
        }
    }

    @Test func aRoomThatWasJustUsedStays() async throws {
        try await RoomLogHarness.with(persisting: { $0.idleMilliseconds = 3_600_000 }) { rooms in
            try await rooms.warm([(1, .owner)])
            #expect(try await rooms.idle() == [])
            #expect(try await rooms.cool(head(0)) == 0)
        }
    }

    @Test func whatWasReadBeforeARoomWasCooledIsRefused() async throws {
        try await withRooms { rooms in
            let early = try await rooms.warmTicket()
            try await rooms.warm([(1, .owner), (2, .member)])
            _ = try await rooms.client.command("HDEL", rooms.name(.members), "2")
            #expect(try await rooms.cool(head(0)) == 1)
            await #expect(throws: RoomLogError.stale) {
                try await rooms.warm([(1, .owner), (2, .member)], ticket: early)
            }
            #expect(try await rooms.client.command("EXISTS", rooms.name(.state)) == .integer(0))
            try await rooms.warm([(1, .owner)])
            #expect(try await rooms.open(for: 2).role == nil)
        }
    }

    @Test func whatWasReadBeforeTheOldestCoolingThatIsRememberedIsRefused() async throws {
        try await withRooms { rooms in
            _ = try await rooms.client.command("ZADD", rooms.name(.cooled), "100", "one")
            let early = try await rooms.warmTicket()
            #expect(early.rawValue == 100)
            _ = try await rooms.client.command("ZADD", rooms.name(.cooled), "200", "another")
            _ = try await rooms.client.command("ZREM", rooms.name(.cooled), "one")
            await #expect(throws: RoomLogError.stale) { try await rooms.warm([(1, .owner)], ticket: early) }
            _ = try await rooms.client.command("DEL", rooms.name(.cooled))
            await #expect(throws: RoomLogError.stale) { try await rooms.warm([(1, .owner)], ticket: early) }
        }
    }

    @Test func onlySoManyCooledRoomsAreRemembered() async throws {
        try await RoomLogHarness.with(persisting: {
            $0.idleMilliseconds = 0
            $0.cooledRooms = 2
        }) { rooms in
            _ = try await rooms.client.command("ZADD", rooms.name(.cooled), "1", "a", "2", "b")
            try await rooms.warm([(1, .owner)])
            #expect(try await rooms.cool(head(0)) == 1)
            let left = try await rooms.client.command("ZRANGE", rooms.name(.cooled), "0", "-1").elements
            #expect(left?.map(\.text) == ["b", "\(rooms.room)"])
            #expect(try await rooms.warmTicket().rawValue > 1_700_000_000_000)
        }
    }

    @Test func anUnsavedRoomThatNobodyKnowsOfIsPutBack() async throws {
        try await withRooms { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.persistLog.visit(shards: [rooms.shard]).putBack == 0)
            _ = try await rooms.client.command("DEL", rooms.name(.ready))
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.isEmpty)
            let visit = try await rooms.persistLog.visit(shards: [rooms.shard])
            #expect(visit.putBack == 1)
            #expect(visit.idle.isEmpty)
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.map(\.id) == [rooms.room])
        }
    }

    @Test func strangeConsumersGoAndLeaveWhatTheyHadToThePersister() async throws {
        try await withRooms { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            let log = rooms.name(.log)
            for consumer in ["persister", "idle", "busy"] {
                _ = try await rooms.client.command("XGROUP", "CREATECONSUMER", log, "persister", consumer)
            }
            _ = try await rooms.client.command(
                "XREADGROUP", "GROUP", "persister", "busy", "COUNT", "1", "STREAMS", log, ">")
            #expect(try await rooms.persistLog.visit(shards: [rooms.shard]).consumersDeleted == 1)
            #expect(try await rooms.persistLog.visit(shards: [rooms.shard]).consumersDeleted == 1)
            #expect(try await rooms.persistLog.visit(shards: [rooms.shard]).consumersDeleted == 0)
            let room = try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: "a").rooms.first)
            #expect(room.entries.map(\.position) == [Position(seq: 1), Position(seq: 2)])
        }
    }

    @Test func theGroupsOfASilentGatewayAreSweptAndOneThatGoesOnHasThemAgain() async throws {
        try await withRooms { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            _ = try await rooms.publish(from: [1])
            let log = rooms.persistLog
            let index = "\(rooms.name(.openRooms)):\(Self.gateway)"
            _ = try await rooms.client.command("ZADD", "gateway:alive", "0", Self.gateway, "9999999999999", "gw:g2:b")
            #expect(try await log.deadGateways() == [Self.gateway])
            let swept = try await log.sweep(Self.gateway)
            #expect(swept.groups == 1)
            #expect(swept.isDone)
            #expect(try await rooms.client.command("EXISTS", index) == .integer(0))
            await #expect(throws: RoomLogError.noGroup) { try await rooms.read() }
            #expect(try await rooms.reread(after: .zero).map(\.position) == [Position(seq: 1)])
            #expect(try await rooms.client.command("SISMEMBER", index, "\(rooms.room)") == .integer(1))
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.read().map(\.position) == [Position(seq: 2)])
            #expect(try await log.sweep(Self.gateway).groups == 1)
        }
    }

    @Test func onlyAGatewayThatIsStillSilentIsForgotten() async throws {
        try await withRooms { rooms in
            _ = try await rooms.client.command("ZADD", "gateway:alive", "0", Self.gateway, "0", "gw:g2:b")
            let gateway = Self.gateway
            await GatewayHeartbeat(of: "g1:b1", over: rooms.client).beat()
            try await rooms.persistLog.forget(gateway)
            try await rooms.persistLog.forget("gw:g2:b")
            let left = try await rooms.client.command("ZRANGE", "gateway:alive", "0", "-1").elements
            #expect(left?.map(\.text) == [gateway])
        }
    }

    private func head(_ seq: UInt64) -> RoomHead {
        RoomHead(epoch: 1, last: Position(seq: seq), membershipVersion: 1)
    }
}

extension RoomLogHarness {
    /// Does what a persister does with all that the room has.
    fileprivate func store() async throws {
        for room in try await persistLog.claim(shards: [shard], token: "store").rooms {
            let finished = FinishedRoom(
                id: room.id, saved: room.entries.last?.position, acknowledged: room.entries.map(\.position))
            #expect(try await persistLog.finish([finished], token: "store").isEmpty)
        }
    }

    /// What a visit finds that nobody uses.
    fileprivate func idle() async throws -> [RoomHead] {
        try await persistLog.visit(shards: [shard]).idle.map(\.head)
    }

    fileprivate func cool(_ head: RoomHead) async throws -> Int {
        try await persistLog.cool([(room, head)])
    }
}
