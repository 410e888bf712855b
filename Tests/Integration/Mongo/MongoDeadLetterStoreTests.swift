import Application
import Domain
import Testing

@testable import Mongo

@Suite(.timeLimit(.minutes(5))) struct MongoDeadLetterStoreTests {
    private static let later = Timestamp(milliseconds: MongoFixture.time.milliseconds + 60_000)

    private func letter(_ message: Message, raw: [UInt8] = [1, 0, 255]) -> DeadLetter {
        DeadLetter(
            id: EntryID(message.roomID, Position(seq: message.seq)), message: message,
            origin: EntryOrigin(
                messageID: message.id, senderID: message.senderID, tempID: message.tempID,
                createdAt: message.createdAt),
            raw: raw,
            tries: (0..<3).map { number in
                FailedTry(
                    at: Timestamp(milliseconds: message.createdAt.milliseconds + Int64(number)), cause: "no \(number)")
            })
    }

    /// A room with a message, a placeholder of which there is a letter, and another message, all saved.
    private func bury(_ fixture: MongoFixture) async throws -> (MongoDeadLetterStore, Message) {
        let room = try await fixture.group().id
        let batch = (1...3).map { MongoFixture.message($0, in: room, text: "text \($0)") }
        let letters = MongoDeadLetterStore(fixture.mongo)
        try await letters.keep([letter(batch[1])])
        _ = try await fixture.messages.insert([batch[0], MongoFixture.placeholder(for: batch[1]), batch[2]])
        try await fixture.messages.advance([
            RoomProgress(
                roomID: room, position: Position(seq: 3, change: 1), lastMessage: LastMessage(batch[2]),
                readBySenders: [1: 3])
        ])
        return (letters, batch[1])
    }

    @Test func keepsEachOnceWithAllThatItHolds() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let other = DeadLetter(
                id: EntryID(message.roomID, Position(seq: 2, change: 7)), message: nil, origin: nil, raw: [],
                tries: [FailedTry(at: Self.later, cause: "unreadable")])
            let again = DeadLetter(
                id: letter(message).id, message: nil, origin: nil, raw: [], tries: letter(message).tries)
            try await letters.keep([again, other])
            let kept = try #require(try await letters.letter(letter(message).id))
            #expect(kept.letter == letter(message))
            #expect(kept.state == .dead && kept.settledAt == nil && kept.rawBytes == 3)
            #expect(try await letters.letter(other.id)?.letter == other)
            #expect(try await letters.letter(EntryID(message.roomID, Position(seq: 9))) == nil)
        }
    }

    /// Redis had lost the number and gave it again.
    @Test func anotherMessageAtTheSamePlaceIsKeptBeside() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let other = MongoFixture.message(2, in: message.roomID, by: 2)
            for _ in 0..<2 {
                try await letters.keep([letter(message), letter(other, raw: [7])])
            }
            let kept = try #require(try await letters.letter(letter(message).id))
            #expect(kept.letter == letter(message))
            #expect(kept.others.map(\.origin) == [letter(other).origin])
            #expect(kept.others.map(\.raw) == [[7]])
            #expect(kept.others.first?.tries == letter(other).tries)
        }
    }

    @Test func whatIsTooLargeForADocumentIsKeptWithoutIt() async throws {
        try await MongoFixture.with { fixture in
            let text = String(repeating: "x", count: 17 << 20)
            let message = MongoFixture.message(1, in: MongoFixture.newID(), text: text)
            let letters = MongoDeadLetterStore(fixture.mongo)
            try await letters.keep([letter(message, raw: Array(text.utf8))])
            let kept = try #require(try await letters.letter(letter(message).id))
            #expect(kept.letter.message == nil)
            #expect(kept.letter.raw.count == 1 << 20)
            #expect(kept.rawBytes == 17 << 20)
        }
    }

    @Test func listsTheNewestFirstPageByPage() async throws {
        try await MongoFixture.with { fixture in
            let room = MongoFixture.newID()
            let all = (1...5).map { letter(MongoFixture.message($0, in: room)) }
            let letters = MongoDeadLetterStore(fixture.mongo)
            try await letters.keep(all)
            guard case .done = try await letters.drop(all[2].id, at: Self.later) else {
                Issue.record("it was not dropped")
                return
            }
            let first = try await letters.page(in: .dead, after: nil, limit: 2)
            #expect(first.map(\.letter.id) == [all[4].id, all[3].id])
            let rest = try await letters.page(in: .dead, after: first.last, limit: 100)
            #expect(rest.map(\.letter.id) == [all[1].id, all[0].id])
            #expect(try await letters.page(in: nil, after: nil, limit: 100).count == 5)
        }
    }

    @Test func aReplayFillsThePlaceOnce() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let id = letter(message).id
            guard case .done(let kept) = try await letters.replay(id, at: Self.later) else {
                Issue.record("it was not replayed")
                return
            }
            #expect(kept.state == .replayed && kept.settledAt == Self.later)
            #expect(try await letters.letter(id) == kept)
            let page = try await fixture.messages.page(after: 0, of: message.roomID, limit: 10)
            #expect(page.map(\.seq) == [1, 2, 3])
            #expect(page[1] == message)
            // It was not the newest.
            let room = try await fixture.rooms.room(message.roomID, for: 1)?.room
            #expect(room?.lastMessage?.seq == 3)
            guard case .refused(let reason) = try await letters.replay(id, at: Self.later) else {
                Issue.record("it was replayed twice")
                return
            }
            #expect(reason.contains("replayed already"))
        }
    }

    @Test func aReplayIsRefusedWhereTheSenderHasSentItAgain() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let retry = MongoFixture.message(4, in: message.roomID, tempID: message.tempID)
            #expect(try await fixture.messages.insert([retry]) == [.stored])
            guard case .refused(let reason) = try await letters.replay(letter(message).id, at: Self.later) else {
                Issue.record("there are two copies")
                return
            }
            #expect(reason.contains("\(retry.id)"))
            let page = try await fixture.messages.page(after: 0, of: message.roomID, limit: 10)
            #expect(page.map(\.isDeleted) == [false, true, false, false])
            #expect(try await letters.letter(letter(message).id)?.state == .dead)
        }
    }

    @Test func whatItsSenderDeletedStaysDeleted() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let deleted = Message(
                id: message.id, roomID: message.roomID, seq: message.seq, senderID: message.senderID,
                tempID: message.tempID, content: MessageContent(text: "", kind: .text), createdAt: message.createdAt,
                isDeleted: true, changed: Position(seq: 3, change: 2))
            #expect(try await fixture.messages.change([deleted]) == [.stored])
            guard case .refused(let reason) = try await letters.replay(letter(message).id, at: Self.later) else {
                Issue.record("it came back")
                return
            }
            #expect(reason == "it has been deleted since")
            let page = try await fixture.messages.page(after: 0, of: message.roomID, limit: 10)
            #expect(page.map(\.isDeleted) == [false, true, false])
        }
    }

    /// The other order: the retry is in the log, and reaches MongoDB behind the replay.
    @Test func aRetryBehindAReplayBecomesATombstone() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            _ = try await letters.replay(letter(message).id, at: Self.later)
            let retry = MongoFixture.message(4, in: message.roomID, tempID: message.tempID)
            #expect(try await fixture.messages.insert([retry]) == [.duplicate(of: message.id)])
        }
    }

    @Test func aReplayWaitsForThePersisterToBeDone() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group().id
            let message = MongoFixture.message(1, in: room)
            let letters = MongoDeadLetterStore(fixture.mongo)
            try await letters.keep([letter(message)])
            _ = try await fixture.messages.insert([MongoFixture.placeholder(for: message)])
            guard case .refused(let reason) = try await letters.replay(letter(message).id, at: Self.later) else {
                Issue.record("its failure would be told after it was stored")
                return
            }
            #expect(reason.contains("persister"))
        }
    }

    @Test func whatHoldsNothingOrIsNotThereIsNotReplayed() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let unknown = EntryID(message.roomID, Position(seq: 8))
            #expect(try await letters.replay(unknown, at: Self.later) == .unknown)
            #expect(try await letters.drop(unknown, at: Self.later) == .unknown)
            let unreadable = DeadLetter(
                id: EntryID(message.roomID, Position(seq: 2, change: 1)), message: nil, origin: nil, raw: [7],
                tries: [FailedTry(at: Self.later, cause: "odd")])
            try await letters.keep([unreadable])
            guard case .refused = try await letters.replay(unreadable.id, at: Self.later) else {
                Issue.record("nothing was replayed")
                return
            }
        }
    }

    @Test func whatIsDroppedKeepsItsPlaceholder() async throws {
        try await MongoFixture.with { fixture in
            let (letters, message) = try await bury(fixture)
            let id = letter(message).id
            guard case .done = try await letters.drop(id, at: Self.later) else {
                Issue.record("it was not dropped")
                return
            }
            #expect(try await letters.letter(id)?.state == .dropped)
            let again = try await letters.drop(id, at: Self.later)
            let replay = try await letters.replay(id, at: Self.later)
            for settlement in [again, replay] {
                guard case .refused(let reason) = settlement else {
                    Issue.record("it was settled twice")
                    return
                }
                #expect(reason.contains("dropped already"))
            }
            let page = try await fixture.messages.page(after: 0, of: message.roomID, limit: 10)
            #expect(page.map(\.isDeleted) == [false, true, false])
        }
    }
}
