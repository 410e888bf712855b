import Application
import Domain
import Mongo
import Support
import Synchronization
import Testing
import WireProtocols

@testable import Redis

/// A persister may die between any two steps of making a dead letter: there is one of it, told once, all the same.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterCrashTests {
    /// Lets so many points be passed, then nothing more.
    private final class Fate: Sendable {
        private let left: Mutex<Int>

        init(points: Int) { left = Mutex(points) }

        var isDead: Bool { left.withLock { $0 <= 0 } }

        func pass() -> Bool {
            left.withLock { left in
                left -= 1
                return left > 0
            }
        }

        func log<Answer>(_ body: () async throws(RoomLogError) -> Answer) async throws(RoomLogError) -> Answer {
            guard pass() else { throw .unavailable }
            let answer = try await body()
            guard pass() else { throw .outcomeUnknown }
            return answer
        }

        func store<Answer>(_ body: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
            guard pass() else { throw .unavailable("dead") }
            let answer = try await body()
            guard pass() else { throw .unavailable("dead") }
            return answer
        }
    }

    private struct MortalLog: PersistLog {
        let log: RedisPersistLog
        let fate: Fate

        var shards: Int { log.shards }
        func shard(of room: RoomID) -> Int { log.shard(of: room) }
        func claim(shards: [Int], token: String) async throws(RoomLogError) -> Claim {
            try await log.claim(shards: shards, token: token)
        }
        func announceProcessing(_ rooms: [(id: RoomID, upTo: Position)]) {}
        func count(_ failures: [FailedEntry], token: String) async throws(RoomLogError) -> [[FailedTry]?] {
            try await fate.log { () throws(RoomLogError) in try await log.count(failures, token: token) }
        }
        func bury(_ letters: [DeadLetter], code: ErrorCode, token: String) async throws(RoomLogError) {
            try await fate.log { () throws(RoomLogError) in
                try await log.bury(letters, code: code, token: token)
            }
        }
        func tellRepeat(_ message: Message, of first: MessageID, token: String) async throws(RoomLogError) {
            try await fate.log { () throws(RoomLogError) in
                try await log.tellRepeat(message, of: first, token: token)
            }
        }
        func finish(_ rooms: [FinishedRoom], token: String) async throws(RoomLogError) -> [RoomID] {
            try await fate.log { () throws(RoomLogError) in try await log.finish(rooms, token: token) }
        }
    }

    private struct MortalStore: MessageStore, DeadLetterStore {
        let messages: MongoMessageStore
        let letters: MongoDeadLetterStore
        let fate: Fate

        func insert(_ batch: [Message]) async throws(StoreError) -> [StoreOutcome] {
            try await fate.store { () throws(StoreError) in try await messages.insert(batch) }
        }
        func storeAtOnce(_ batch: [Message], advancing rooms: [RoomProgress]) async throws(StoreError) -> Bool {
            try await messages.storeAtOnce(batch, advancing: rooms)
        }
        func change(_ changed: [Message]) async throws(StoreError) -> [StoreOutcome] {
            try await fate.store { () throws(StoreError) in try await messages.change(changed) }
        }
        func advance(_ rooms: [RoomProgress]) async throws(StoreError) {
            try await fate.store { () throws(StoreError) in try await messages.advance(rooms) }
        }
        func keep(_ batch: [DeadLetter]) async throws(StoreError) {
            try await fate.store { () throws(StoreError) in try await letters.keep(batch) }
        }
    }

    private func round(_ rooms: RoomLogHarness, _ fixture: MongoFixture, _ fate: Fate) async throws -> Int {
        try await rooms.endLease()
        let store = MortalStore(
            messages: fixture.messages, letters: MongoDeadLetterStore(fixture.mongo), fate: fate)
        let worker = PersistWorker(
            log: MortalLog(log: rooms.persistLog, fate: fate), store: store, deadLetters: store,
            leaseMilliseconds: 10_000, now: { 0 }, makeToken: { "\(UInt64.random(in: .min ... .max))" },
            makeID: MongoFixture.newID)
        return await worker.run(shards: [rooms.shard]).rooms
    }

    @Test func onceWhereverItDies() async throws {
        try await MongoFixture.with { fixture in
            try await fixture.refuseMessages(containing: "poison")
            // The last ones outlive all points of a round.
            var deaths = 0
            for points in 1...20 {
                let fate = Fate(points: points)
                try await RoomLogHarness.with { rooms in
                    try await die(rooms, fixture, fate)
                }
                deaths += fate.isDead ? 1 : 0
            }
            #expect((12..<20).contains(deaths), "a round has \(deaths) points")
        }
    }

    /// A message with an id that no other room's has either: all are in one database.
    private func message(_ text: String, _ rooms: RoomLogHarness) -> OutgoingMessage {
        let made = rooms.message(from: 1, text: text)
        return OutgoingMessage(
            id: MongoFixture.newID(), senderID: made.senderID, tempID: made.tempID, members: made.members)
    }

    private func die(_ rooms: RoomLogHarness, _ fixture: MongoFixture, _ fate: Fate) async throws {
        _ = try await fixture.rooms.createGroup(
            id: rooms.room, title: "Group", owner: 1, participantIDs: [2], at: MongoFixture.time)
        try await rooms.warm([(1, .owner)])
        let (first, poison, last) = (message("first", rooms), message("poison", rooms), message("last", rooms))
        _ = try await rooms.publish([[first], [poison], [last]])
        for _ in 1...2 {
            _ = try await round(rooms, fixture, Fate(points: .max))
        }
        // Redis is there again for whoever comes next.
        _ = try? await round(rooms, fixture, fate)
        while try await round(rooms, fixture, Fate(points: .max)) > 0 {}

        let letters = try await MongoDeadLetterStore(fixture.mongo).page(in: nil, after: nil, limit: 100)
            .filter { $0.letter.id.roomID == rooms.room }
        #expect(letters.map(\.letter.id.position) == [Position(seq: 2)])
        #expect(letters.first?.letter.tries.count == 3)
        #expect(letters.first?.letter.message?.content.text == "poison")
        let page = try await fixture.messages.page(after: 0, of: rooms.room, limit: 10)
        #expect(page.map(\.seq) == [1, 2, 3])
        #expect(page.map(\.isDeleted) == [false, true, false])
        let told = try await rooms.reread(after: Position(seq: 3))
        #expect(told.map(\.position) == [Position(seq: 3, change: 1)])
        let stream = String(decoding: rooms.persistLog.keys.name(.deadLetters, of: rooms.shard), as: UTF8.self)
        #expect(try await rooms.client.command("XLEN", stream) == .integer(1))
        #expect(try await rooms.client.command("EXISTS", rooms.name(.tries)) == .integer(0))
        #expect(try await rooms.open(for: 1).saved == Position(seq: 3, change: 1))
        let retry = rooms.message(from: 1, tempID: poison.tempID)
        guard case .inLog(retry.id, 4, _)? = try await rooms.publish([[retry]]).first else {
            Issue.record("the retry is not a new message")
            return
        }
    }
}
