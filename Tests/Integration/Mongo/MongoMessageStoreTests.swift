import Application
import Domain
import Testing

@testable import Mongo

@Suite struct MongoMessageStoreTests {
    @Test("Messages come back as they were stored, in order")
    func storesAndReads() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let batch = (1...5).map { MongoFixture.message($0, in: room.id, text: "text \($0) 🦊") }
            #expect(try await fixture.messages.insert(batch) == Array(repeating: .stored, count: 5))
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 100) == batch)
            #expect(try await fixture.messages.page(after: 2, of: room.id, limit: 2) == Array(batch[2..<4]))
            let back = try await fixture.messages.page(before: 5, above: 1, of: room.id, limit: 100)
            #expect(back == [batch[3], batch[2], batch[1]])
        }
    }

    @Test("A batch that is delivered again changes nothing")
    func redelivery() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let batch = (1...200).map { MongoFixture.message($0, in: room.id) }
            _ = try await fixture.messages.insert(Array(batch[..<120]))
            #expect(try await fixture.messages.insert(batch) == Array(repeating: .stored, count: 200))
            #expect(try await fixture.messages.page(after: 100, of: room.id, limit: 100) == Array(batch[100...]))
        }
    }

    @Test("A late repeat becomes a tombstone that names the first, also within one batch and when delivered again")
    func lateRepeat() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let first = MongoFixture.message(1, in: room.id, tempID: MongoFixture.tempID(77))
            let repeated = MongoFixture.message(2, in: room.id, tempID: MongoFixture.tempID(77))
            let again = MongoFixture.message(3, in: room.id, tempID: MongoFixture.tempID(77))
            let others = MongoFixture.message(4, in: room.id, by: 2, tempID: MongoFixture.tempID(77))
            #expect(try await fixture.messages.insert([first, repeated]) == [.stored, .duplicate(of: first.id)])
            for _ in 0..<2 {
                let outcomes = try await fixture.messages.insert([first, repeated, again, others])
                #expect(outcomes == [.stored, .duplicate(of: first.id), .duplicate(of: first.id), .stored])
            }
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.seq) == [1, 2, 3, 4])
            #expect(page.map(\.duplicateOf) == [nil, first.id, first.id, nil])
            #expect(page.map(\.isDeleted) == [false, true, true, false])
            #expect(page[1].id == repeated.id && page[1].content.text.isEmpty)
        }
    }

    @Test("A number that holds another message is refused, and those around it are stored")
    func numberTaken() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let first = MongoFixture.message(2, in: room.id)
            _ = try await fixture.messages.insert([first])
            let batch = (1...3).map {
                MongoFixture.message($0, in: room.id, tempID: MongoFixture.tempID(100 + Int($0)))
            }
            let outcomes = try await fixture.messages.insert(batch)
            #expect(outcomes[0] == .stored && outcomes[2] == .stored)
            guard case .rejected = outcomes[1] else {
                Issue.record("expected a refusal, got \(outcomes[1])")
                return
            }
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.id) == [batch[0].id, first.id, batch[2].id])
        }
    }

    @Test("A document that MongoDB does not take is refused alone, stays refused, and its placeholder is stored once")
    func tooLarge() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let text = String(repeating: "x", count: 17 * 1024 * 1024)
            let large = MongoFixture.message(2, in: room.id, text: text)
            let batch = [MongoFixture.message(1, in: room.id), large, MongoFixture.message(3, in: room.id)]
            let placeholder = MongoFixture.placeholder(for: large)
            for _ in 0..<2 {
                let outcomes = try await fixture.messages.insert(batch)
                #expect(outcomes[0] == .stored && outcomes[2] == .stored)
                guard case .rejected = outcomes[1] else {
                    Issue.record("expected a refusal, got \(outcomes[1])")
                    return
                }
                #expect(try await fixture.messages.insert([placeholder]) == [.stored])
            }
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.isDeleted) == [false, true, false])
        }
    }

    @Test("What was refused before is refused again, so that its sender is told even after a crash")
    func refusedBefore() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let message = MongoFixture.message(1, in: room.id)
            _ = try await fixture.messages.insert([MongoFixture.placeholder(for: message)])
            #expect(try await fixture.messages.insert([message]) == [.rejected("an earlier try was refused")])
        }
    }

    @Test("A message that comes again under another number leaves no number empty", arguments: [false, true])
    func anotherNumber(isOneBatch: Bool) async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let first = MongoFixture.message(1, in: room.id)
            let again = MongoFixture.again(first, at: 2)
            if !isOneBatch {
                #expect(try await fixture.messages.insert([first]) == [.stored])
            }
            for _ in 0..<2 {
                #expect(try await fixture.messages.insert([first, again]) == [.stored, .storedElsewhere])
            }
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.seq) == [1, 2])
            #expect(page.first == first)
            #expect(page.last?.isDeleted == true && page.last?.tempID == nil)
        }
    }

    @Test("A refused message that its gateway sent again keeps the second number, too")
    func refusedAtTwoNumbers() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let message = MongoFixture.message(1, in: room.id)
            let (first, second) = (MongoFixture.placeholder(for: message), MongoFixture.again(message, at: 2))
            #expect(try await fixture.messages.insert([first]) == [.stored])
            #expect(try await fixture.messages.insert([second]) == [.rejected("an earlier try was refused")])
            for _ in 0..<2 {
                #expect(try await fixture.messages.insert([MongoFixture.placeholder(for: second)]) == [.stored])
            }
            let page = try await fixture.messages.page(after: 0, of: room.id, limit: 10)
            #expect(page.map(\.seq) == [1, 2] && page.map(\.isDeleted) == [true, true])
            #expect(page.first?.id == message.id)
        }
    }

    @Test("A repeat that gets the number of the first is a repeat, and needs no tombstone")
    func repeatAtTheSameNumber() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let first = MongoFixture.message(1, in: room.id)
            let again = MongoFixture.message(1, in: room.id)
            #expect(try await fixture.messages.insert([first]) == [.stored])
            #expect(try await fixture.messages.insert([again]) == [.duplicate(of: first.id)])
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 10) == [first])
        }
    }

    @Test("A placeholder for a number that is held already has nothing to do, whatever its id")
    func placeholderAgain() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            for _ in 0..<2 {
                let placeholder = Message(
                    id: MongoFixture.newID(), roomID: room.id, seq: 1, senderID: 0, tempID: nil,
                    content: MessageContent(text: "", kind: .system), createdAt: MongoFixture.time, isDeleted: true)
                #expect(try await fixture.messages.insert([placeholder]) == [.stored])
            }
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 10).count == 1)
        }
    }

    @Test("Two persisters that store the same batch at once both see it stored")
    func concurrentInsert() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            let batch = (1...300).map { MongoFixture.message($0, in: room.id) }
            let outcomes = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { try await fixture.messages.insert(batch) }
                }
                return try await group.reduce(into: [StoreOutcome]()) { $0 += $1 }
            }
            #expect(outcomes == Array(repeating: .stored, count: 1200))
            #expect(try await fixture.messages.page(after: 200, of: room.id, limit: 100) == Array(batch[200...]))
        }
    }

    @Test("No message, no call")
    func empty() async throws {
        try await MongoFixture.with { fixture in
            #expect(try await fixture.messages.insert([]).isEmpty)
            try await fixture.messages.advance([])
        }
    }

    @Test("A batch is stored with what follows from it, or not at all where a message is there already")
    func storesAtOnceOrNotAtAll() async throws {
        try await MongoFixture.with { mongo in
            let room = try await mongo.group().id
            let batch = (1...3).map { MongoFixture.message($0, in: room) }
            func progress(_ seq: UInt64) -> RoomProgress {
                RoomProgress(
                    roomID: room, position: Position(seq: seq), lastMessage: batch.last.map(LastMessage.init(of:)),
                    readBySenders: [1: seq])
            }
            #expect(try await mongo.messages.storeAtOnce(batch, advancing: [progress(3)]))
            #expect(try await mongo.rooms.warmState(of: room)?.last == Position(seq: 3))
            let again = [MongoFixture.message(4, in: room), batch[2]]
            #expect(try await !mongo.messages.storeAtOnce(again, advancing: [progress(4)]))
            #expect(try await mongo.messages.page(after: 0, of: room, limit: 10).map(\.seq) == [1, 2, 3])
            #expect(try await mongo.rooms.warmState(of: room)?.last == Position(seq: 3))
        }
    }
}
