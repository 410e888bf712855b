import Application
import Domain
import Testing

@testable import Mongo

@Suite struct StoredChangeTests {
    private func changed(_ message: Message, at position: Position, text: String, isDeleted: Bool = false) -> Message {
        Message(
            id: message.id, roomID: message.roomID, seq: message.seq, senderID: message.senderID,
            tempID: message.tempID, content: MessageContent(text: text, kind: .text), createdAt: message.createdAt,
            isDeleted: isDeleted,
            reactions: isDeleted ? [] : [Reaction(sign: "👍", userIDs: [2, 3])], editedAt: MongoFixture.time,
            updatedAt: MongoFixture.time, changed: position)
    }

    private func progress(_ room: Room, _ changes: [Message], upTo position: Position) -> RoomProgress {
        RoomProgress(
            roomID: room.id, position: position, lastMessage: changes.last.map(LastMessage.init(of:)),
            readBySenders: [:], changes: changes)
    }

    @Test("A change that is older than what is stored, or comes again, changes nothing")
    func newestStays() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let messages = (1...2).map { MongoFixture.message($0, in: room.id) }
            _ = try await fixture.messages.insert(messages)
            let older = changed(messages[1], at: Position(seq: 2, change: 9), text: "z older")
            let newer = changed(messages[1], at: Position(seq: 2, change: 10), text: "a newer")
            for change in [older, newer, older, newer] {
                try await fixture.messages.advance([progress(room, [change], upTo: change.changed)])
            }
            let stored = try #require(try await fixture.messages.message(newer.id))
            #expect(stored == StoredMessage(message: newer, completeUpTo: Position(seq: 2, change: 10)))
            // Its message is delivered again by who was stopped before it was changed.
            #expect(try await fixture.messages.insert(messages) == [.stored, .stored])
            try await fixture.messages.advance([
                RoomProgress(
                    roomID: room.id, position: Position(seq: 2), lastMessage: LastMessage(of: messages[1]),
                    readBySenders: [:])
            ])
            #expect(try await fixture.messages.message(newer.id)?.message == newer)
            let summary = try await fixture.rooms.room(room.id, for: 1)
            #expect(summary?.room.lastMessage?.text == "a newer")
        }
    }

    @Test("A change that MongoDB refuses is refused alone")
    func refusedAlone() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let messages = (1...3).map { MongoFixture.message($0, in: room.id) }
            _ = try await fixture.messages.insert(messages)
            try await fixture.refuseMessages(containing: "poison")
            let changes = messages.map { message in
                changed(message, at: Position(seq: 3, change: message.seq), text: message.seq == 2 ? "poison" : "new")
            }
            let outcomes = try await fixture.messages.change(changes)
            #expect(outcomes.map(\.isRejected) == [false, true, false])
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.content.text) == ["new", "hello", "new"])
        }
    }

    @Test("What is deleted stays deleted; a tombstone notes when it was told")
    func deleted() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let message = MongoFixture.message(1, in: room.id)
            _ = try await fixture.messages.insert([message])
            let gone = changed(message, at: Position(seq: 1, change: 1), text: "", isDeleted: true)
            let late = changed(message, at: Position(seq: 1, change: 2), text: "back again")
            try await fixture.messages.advance([progress(room, [gone], upTo: gone.changed)])
            try await fixture.messages.advance([progress(room, [late], upTo: late.changed)])
            let stored = try #require(try await fixture.messages.message(message.id)?.message)
            #expect(stored.isDeleted && stored.content.text.isEmpty && stored.changed == gone.changed)
            // Its tempId is still taken: a repeat of what was deleted does not bring it back.
            let again = MongoFixture.message(2, in: room.id, tempID: message.tempID)
            #expect(try await fixture.messages.insert([again]) == [.duplicate(of: message.id)])
            let told = changed(again, at: Position(seq: 2, change: 1), text: "", isDeleted: true)
            try await fixture.messages.advance([progress(room, [told], upTo: told.changed)])
            #expect(try await fixture.messages.message(again.id)?.message.changed == told.changed)
        }
    }

    @Test("A message and its change are stored in one transaction")
    func atOnce() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let message = MongoFixture.message(1, in: room.id)
            let change = changed(message, at: Position(seq: 1, change: 1), text: "at once")
            #expect(
                try await fixture.messages.storeAtOnce(
                    [message], advancing: [progress(room, [change], upTo: change.changed)]))
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 10) == [change])
        }
    }

    @Test("What changed in a stretch of the log is found in order of the changes, a page at a time")
    func changedSince() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let messages = (1...6).map { MongoFixture.message($0, in: room.id) }
            _ = try await fixture.messages.insert(messages)
            let changes = [4, 0, 2, 5].enumerated().map { place, index in
                changed(messages[index], at: Position(seq: 6, change: UInt64(place + 1)), text: "\(place)")
            }
            try await fixture.messages.advance([progress(room, changes, upTo: Position(seq: 6, change: 4))])
            func found(_ after: UInt64, _ through: UInt64, _ seqs: ClosedRange<UInt64>, limit: Int = 10) async throws
                -> [String]
            {
                let range = ChangeRange(
                    after: Position(seq: 6, change: after), through: Position(seq: 6, change: through))
                return try await fixture.messages.changed(in: range, numbered: seqs, of: room.id, limit: limit)
                    .map(\.content.text)
            }
            #expect(try await found(0, 4, 1...6) == ["0", "1", "2", "3"])
            #expect(try await found(1, 3, 1...6) == ["1", "2"])
            #expect(try await found(0, 4, 2...5) == ["0", "2"])
            #expect(try await found(0, 4, 1...6, limit: 2) == ["0", "1"])
            #expect(try await fixture.messages.savedPosition(of: room.id) == Position(seq: 6, change: 4))
            #expect(try await fixture.messages.savedPosition(of: MongoFixture.newID()) == nil)
        }
    }
}
