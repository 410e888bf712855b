import Application
import Domain
import Support
import Testing
import WireProtocols

@testable import Redis

/// What the room log knows of entries that can't be stored.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterLogTests {
    private func claim(_ rooms: RoomLogHarness, _ token: String) async throws -> ClaimedRoom {
        try #require(try await rooms.persistLog.claim(shards: [rooms.shard], token: token).rooms.first)
    }

    private func message(_ room: ClaimedRoom, at index: Int = 0) throws -> Message {
        try #require(room.entries[index].message)
    }

    @Test func triesAreCountedUnderTheClaimAndOutliveIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            let room = try await claim(rooms, "a")
            #expect(room.tries.isEmpty)
            let failed = FailedEntry(id: EntryID(rooms.room, Position(seq: 2)), cause: "bad\ndocument 1")
            let first = try #require(try await rooms.persistLog.count([failed], token: "a").first)
            #expect(first?.map(\.cause) == ["bad document 1"])
            #expect((first?.first?.at.milliseconds ?? 0) > 1_700_000_000_000)
            let late = try await rooms.persistLog.count([failed], token: "late")
            #expect(late == [nil])
            let again = FailedEntry(id: failed.id, cause: "document 2")
            #expect(try await rooms.persistLog.count([again], token: "a").first??.count == 2)
            try await rooms.endLease()
            let next = try await claim(rooms, "b")
            #expect(next.tries[Position(seq: 2)]?.map(\.cause) == ["bad document 1", "document 2"])
            #expect(next.tries.count == 1)
            let done = FinishedRoom(
                id: rooms.room, saved: Position(seq: 2), acknowledged: next.entries.map(\.position))
            #expect(try await rooms.persistLog.finish([done], token: "b").isEmpty)
            #expect(try await rooms.client.command("EXISTS", rooms.name(.tries)) == .integer(0))
        }
    }

    @Test func aClockThatIsSetBackHoldsNothingUpAndMakesNothingOlder() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            // As if the clock of Redis had been set back since.
            _ = try await rooms.client.command("HSET", rooms.stateKey, "time", "4000000000000")
            _ = try await rooms.publish(from: [1])
            let letter = DeadLetter(try message(try await claim(rooms, "a")), tries: 3)
            try await rooms.persistLog.bury([letter], code: .rejected, token: "a")
            #expect(try await rooms.read().map(\.createdAt.milliseconds) == [4_000_000_000_000, 4_000_000_000_000])
        }
    }

    @Test func aBurialIsToldOnceInTheLogAndInTheStreamAndFreesTheTempID() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            let outgoing = rooms.message(from: 1)
            _ = try await rooms.publish([[outgoing]])
            let room = try await claim(rooms, "a")
            let letter = DeadLetter(try message(room), tries: 3)
            try await rooms.persistLog.bury([letter], code: .rejected, token: "late")
            #expect(try await rooms.read().count == 1)
            for _ in 0..<2 {
                try await rooms.persistLog.bury([letter], code: .rejected, token: "a")
            }
            // Nor does the next persister tell it again, if this one dies before it has finished.
            try await rooms.endLease()
            _ = try await claim(rooms, "b")
            try await rooms.persistLog.bury([letter], code: .rejected, token: "b")
            let told = try await rooms.read()
            #expect(told.map(\.position) == [Position(seq: 1, change: 1)])
            #expect(
                told.last?.event
                    == .failed(id: outgoing.id, senderID: outgoing.senderID, tempID: outgoing.tempID, code: .rejected))
            let stream = String(decoding: rooms.persistLog.keys.name(.deadLetters, of: rooms.shard), as: UTF8.self)
            let letters = try await rooms.client.command("XRANGE", stream, "-", "+").elements ?? []
            #expect(letters.count == 1)
            let fields = letters.first?.elements?.last?.elements?.compactMap(\.text) ?? []
            #expect(fields.prefix(4) == ["id", "\(rooms.room)-1-0", "message", "\(outgoing.id)"])
            let retry = rooms.message(from: 1, tempID: outgoing.tempID)
            guard case .inLog(retry.id, 2, _)? = try await rooms.publish([[retry]]).first else {
                Issue.record("the retry is not a new message")
                return
            }
        }
    }

    @Test func aFailureIsToldEvenIfTheTempIDIsForgottenOrAnothers() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let outgoing = rooms.message(from: 1)
            _ = try await rooms.publish([[outgoing]])
            let room = try await claim(rooms, "a")
            _ = try await rooms.client.command("DEL", rooms.name(.seen0), rooms.name(.seen1))
            let retry = rooms.message(from: 1, tempID: outgoing.tempID)
            _ = try await rooms.publish([[retry]])
            try await rooms.persistLog.bury([DeadLetter(try message(room), tries: 3)], code: .rejected, token: "a")
            #expect(try await rooms.reread(after: .zero).last?.position == Position(seq: 2, change: 1))
            // What the newer one is known by stays.
            guard case .inLog(retry.id, 2, _)? = try await rooms.publish([[retry]]).first else {
                Issue.record("the repeat has become a new message")
                return
            }
        }
    }

    @Test func whatThreeClaimsDidNotFinishComesAloneThenTwiceAsManyEachTime() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: Array(repeating: 1, count: 9))
            for death in 1...3 {
                let room = try await claim(rooms, "death \(death)")
                #expect(room.entries.count == 9)
                #expect(!room.isSuspect)
                try await rooms.endLease()
            }
            try await finishSuspects(rooms, 1...1)
            try await finishSuspects(rooms, 2...3)
            let fourth = try await claim(rooms, "dies of four")
            #expect(fourth.isSuspect && fourth.entries.count == 4)
            try await rooms.endLease()
            for seqs in [UInt64(4)...4, 5...6, 7...9] {
                try await finishSuspects(rooms, seqs)
            }
            #expect(try await rooms.open(for: 1).saved == Position(seq: 9))
            #expect(try await rooms.client.command("EXISTS", rooms.name(.tries)) == .integer(0))
        }
    }

    /// Those that are claimed next are these, as suspects, and are finished in good order.
    private func finishSuspects(_ rooms: RoomLogHarness, _ seqs: ClosedRange<UInt64>) async throws {
        let positions = seqs.map { Position(seq: $0) }
        let room = try await claim(rooms, "after")
        #expect(room.isSuspect)
        #expect(room.entries.map(\.position) == positions)
        let done = FinishedRoom(id: rooms.room, saved: positions.last, acknowledged: positions)
        #expect(try await rooms.persistLog.finish([done], token: "after").isEmpty)
    }

    @Test func whatGoesBackInGoodOrderIsNoSuspect() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1, 1])
            for _ in 1...5 {
                let room = try await claim(rooms, "a")
                #expect(!room.isSuspect)
                #expect(room.entries.count == 2)
                let back = FinishedRoom(
                    postponed: rooms.room, returned: room.entries.map(\.position), byMilliseconds: 60_000)
                #expect(try await rooms.persistLog.finish([back], token: "a").isEmpty)
                try await rooms.endLease()
            }
        }
    }

    @Test func whatIsAppendedByHandBringsTheRoomBackOnce() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            _ = try await rooms.client.command("XADD", rooms.logKey, "1-1", "what", "is this")
            let room = try await claim(rooms, "a")
            #expect(room.entries.count == 2)
            let done = FinishedRoom(
                id: rooms.room, saved: Position(seq: 1, change: 1), acknowledged: room.entries.map(\.position))
            #expect(try await rooms.persistLog.finish([done], token: "a").isEmpty)
            #expect(try await rooms.persistLog.claim(shards: [rooms.shard], token: "b").rooms.isEmpty)
            _ = try await rooms.publish(from: [1])
            #expect(try await claim(rooms, "c").entries.map(\.position) == [Position(seq: 2)])
        }
    }

    @Test func anEntryThatCannotBeReadKeepsWhatIsKnownOfIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let outgoing = rooms.message(from: 1)
            _ = try await rooms.publish(from: [1])
            let head = "1 m 1-0 7 1 \(outgoing.id) \(outgoing.tempID)"
            _ = try await rooms.client.command("XADD", rooms.logKey, "2-0", "h", head, "b", "no JSON")
            _ = try await rooms.client.command("XADD", rooms.logKey, "3-0", "what", "is this")
            let room = try await claim(rooms, "a")
            #expect(
                room.entries[1].event
                    == .unreadable(
                        "its JSON members are not of their form",
                        of: EntryOrigin(
                            messageID: outgoing.id, senderID: outgoing.senderID, tempID: outgoing.tempID,
                            createdAt: Timestamp(milliseconds: 7))))
            #expect(room.entries[1].raw == Array("no JSON".utf8))
            guard case .unreadable(_, nil) = room.entries[2].event else {
                Issue.record("it could be read: \(room.entries[2])")
                return
            }
            #expect(room.entries[2].raw == Array("what\nis this".utf8))
        }
    }
}

extension DeadLetter {
    /// The letter of a message that failed so often.
    init(_ message: Message, tries: Int) {
        self.init(
            id: EntryID(message.roomID, Position(seq: message.seq)), message: message,
            origin: EntryOrigin(
                messageID: message.id, senderID: message.senderID, tempID: message.tempID,
                createdAt: message.createdAt),
            raw: Array("raw".utf8),
            tries: (1...tries).map { FailedTry(at: Timestamp(milliseconds: Int64($0)), cause: "cause \($0)") })
    }
}

extension ClaimedEntry {
    /// The message that it is, or nil.
    var message: Message? {
        if case .message(let message) = event { message } else { nil }
    }
}
