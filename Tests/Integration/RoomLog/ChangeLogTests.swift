import Application
import Domain
import Redis
import Testing

/// change.lua and repeat.lua on a real Redis.
@Suite(.timeLimit(.minutes(5))) struct ChangeLogTests {
    @Test func aChangeFollowsTheNewestEntryAndTellsTheWholeMessage() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner), (2, .member)])
            _ = try await rooms.open(for: 1)
            let changes = ChangeHarness(rooms)
            let first = try await changes.send(from: 2, text: "a \\\"quoted\\\", \\\"reactions\\\":{")
            _ = try await changes.send(from: 1)
            let reacted = try #require(try await changes.change(first, .react("👍"), by: 1).message)
            #expect(reacted.changed == Position(seq: 2, change: 1))
            #expect(reacted.content.text == "a \"quoted\", \"reactions\":{")
            #expect(reacted.reactions == [Reaction(sign: "👍", userIDs: [UserID(rawValue: 1)])])
            let edited = try #require(try await changes.change(first, ChangeHarness.edit("b"), by: 2).message)
            #expect(edited.content.text == "b" && edited.reactions == reacted.reactions)
            #expect(edited.editedAt == edited.updatedAt && edited.editedAt != nil)
            let deleted = try #require(try await changes.change(first, ChangeHarness.delete, by: 1).message)
            #expect(deleted.isDeleted && deleted.reactions.isEmpty && deleted.content.text.isEmpty)
            #expect(deleted.senderID == first.message.senderID && deleted.tempID == first.message.tempID)

            let entries = try await rooms.read()
            #expect(entries.map { "\($0.position)" } == ["1-0", "2-0", "2-1", "2-2", "2-3"])
            #expect(entries.dropFirst().map(\.previous) == entries.dropLast().map(\.position))
            let claim = try await rooms.persistLog.claim(shards: [rooms.shard], token: "t")
            #expect(
                claim.rooms.first?.entries.suffix(3).map(\.event) == [
                    .changed(reacted), .changed(edited), .changed(deleted),
                ])
            // Messages go on behind the changes.
            _ = try await rooms.publish(from: [1])
            #expect(try await rooms.read().map(\.previous) == [Position(seq: 2, change: 3)])
        }
    }

    @Test func reactionsCommuteAndAreEachMadeOnce() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm((1...4).map { (Int64($0), .member) })
            let changes = ChangeHarness(rooms)
            let base = try await changes.send(from: 1)
            // All of them know the message as it was sent.
            for (user, sign) in [(1, "👍"), (2, ":+1:"), (3, "👍"), (2, "👍"), (3, "👍")] as [(Int64, String)] {
                _ = try await changes.change(base, .react(sign), by: user)
            }
            guard case .changed(let now) = try await changes.change(base, .unreact("👍"), by: 1),
                case .unchanged(now) = try await changes.change(base, .unreact("👍"), by: 1),
                case .unchanged(now) = try await changes.change(base, .react("👍"), by: 2)
            else {
                Issue.record("not made once")
                return
            }
            #expect(now.changed == Position(seq: 1, change: 5))
            #expect(
                now.reactions == [
                    Reaction(sign: "👍", userIDs: [3, 2]),
                    Reaction(sign: ":+1:", userIDs: [UserID(rawValue: 2)]),
                ])
            for number in 0..<(ReactionRules.maxSigns - 2) {
                #expect(try await changes.change(base, .react("x\(number)"), by: 1).message != nil)
            }
            #expect(try await changes.change(base, .react("one-more"), by: 1) == .refused(.tooMany))
            #expect(try await changes.change(base, .react("👍"), by: 1).message != nil)
        }
    }

    @Test func onlyThoseWhoMayChangeIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner), (2, .member), (3, .member)])
            let changes = ChangeHarness(rooms)
            let base = try await changes.send(from: 2)
            #expect(try await changes.change(base, ChangeHarness.edit("x"), by: 1) == .refused(.forbidden))
            #expect(try await changes.change(base, ChangeHarness.edit("x"), by: 3) == .refused(.forbidden))
            #expect(try await changes.change(base, ChangeHarness.delete, by: 3) == .refused(.forbidden))
            #expect(try await changes.change(base, .react("x"), by: 9) == .refused(.notParticipant))
            #expect(try await changes.change(base, ChangeHarness.delete, by: 1).message?.isDeleted == true)
            guard case .unchanged = try await changes.change(base, ChangeHarness.delete, by: 2) else {
                Issue.record("deleted twice")
                return
            }
            #expect(try await changes.change(base, ChangeHarness.edit("x"), by: 2) == .refused(.messageDeleted))
            #expect(try await changes.change(base, .react("x"), by: 3) == .refused(.messageDeleted))
        }
    }

    @Test func oneKeyIsOneChangeWhateverCameAfterIt() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let changes = ChangeHarness(rooms)
            let base = try await changes.send(from: 1)
            let key = RoomLogHarness.tempID(99)
            _ = try await changes.change(base, ChangeHarness.edit("two"), by: 1, key: key)
            let three = try await changes.change(base, ChangeHarness.edit("three"), by: 1)
            #expect(try await changes.change(base, ChangeHarness.edit("two"), by: 1, key: key) == three)
            #expect(try await rooms.open(for: 1).last == Position(seq: 1, change: 2))
        }
    }

    @Test func changesCountForTheBacklogUntilTheyAreStored() async throws {
        try await RoomLogHarness.with(backlogLimit: 3) { rooms in
            try await rooms.warm([(1, .owner)])
            let changes = ChangeHarness(rooms, backlogLimit: 3)
            let base = try await changes.send(from: 1)
            #expect(try await changes.change(base, .react("a"), by: 1).message != nil)
            #expect(try await changes.change(base, .react("b"), by: 1).message != nil)
            #expect(try await changes.change(base, .react("c"), by: 1) == .refused(.busy))
            try await storeAll(rooms)
            #expect(try await changes.change(base, .react("c"), by: 1).message != nil)
            #expect(try await changes.log.savedPosition(of: rooms.room) == Position(seq: 1, change: 2))
        }
    }

    /// What was forgotten is in MongoDB: whoever read the message there before that has to read it again.
    @Test func whoReadTheMessageBeforeWhatIsForgottenReadsItAgain() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let changes = ChangeHarness(rooms, rememberMilliseconds: 0)
            let base = try await changes.send(from: 1)
            let other = try await changes.send(from: 1)
            let edited = try #require(try await changes.change(base, ChangeHarness.edit("new"), by: 1).message)
            // Nothing is forgotten that is not stored.
            for sign in ["a", "b", "c"] {
                _ = try await changes.change(other, .react(sign), by: 1)
            }
            #expect(try await changes.change(base, .react("a"), by: 1).message?.content.text == "new")
            try await storeAll(rooms)
            for sign in ["d", "e", "f"] {
                _ = try await changes.change(other, .react(sign), by: 1)
                try await storeAll(rooms)
            }
            #expect(try await changes.change(base, .react("b"), by: 1) == .outdated)
            let read = StoredMessage(message: edited, completeUpTo: try await changes.log.savedPosition(of: rooms.room))
            #expect(try await changes.change(read, .react("b"), by: 1).message?.content.text == "new")
        }
    }

    @Test func aLateRepeatIsToldOnce() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            let repeated = try await ChangeHarness(rooms).send(from: 1).message
            let first = ObjectID(seconds: 1, process: 1, counter: 1)
            try await rooms.persistLog.tellRepeat(repeated, of: first, token: "not mine")
            _ = try await rooms.persistLog.claim(shards: [rooms.shard], token: "t")
            for _ in 0..<2 {
                try await rooms.persistLog.tellRepeat(repeated, of: first, token: "t")
            }
            let told = try await rooms.read().dropFirst()
            #expect(told.map(\.position) == [Position(seq: 1, change: 1)])
            guard case .changed(let change)? = told.first?.event else {
                Issue.record("not told: \(told)")
                return
            }
            #expect(change.kind == .delete && change.isDeleted && change.id == repeated.id)
            #expect(String(decoding: change.members, as: UTF8.self).contains(first.hex))
        }
    }

    @Test func aRoomOfManyChangesIsTrimmedToo() async throws {
        try await RoomLogHarness.with(replayEntries: 100) { rooms in
            try await rooms.warm([(1, .owner)])
            let changes = ChangeHarness(rooms)
            let base = try await changes.send(from: 1)
            for _ in 0..<300 {
                _ = try await changes.change(base, .react("a"), by: 1)
                _ = try await changes.change(base, .unreact("a"), by: 1)
            }
            try await storeAll(rooms)
            try await storeAll(rooms)
            let left = try await rooms.reread(after: .zero)
            #expect(left.count < 400, "Redis trims whole nodes of 100 entries")
            #expect(left.count >= 100)
        }
    }

    /// Does what a persister does with a room, but for MongoDB.
    private func storeAll(_ rooms: RoomLogHarness) async throws {
        let claim = try await rooms.persistLog.claim(shards: [rooms.shard], token: "store")
        let finished = claim.rooms.map {
            FinishedRoom(id: $0.id, saved: $0.entries.last?.position, acknowledged: $0.entries.map(\.position))
        }
        #expect(try await rooms.persistLog.finish(finished, token: "store").isEmpty)
    }
}
