import Domain
import Testing

@testable import Mongo

@Suite struct StoredDocumentTests {
    private let id = ObjectID(seconds: 1, process: 2, counter: 3)
    private let room = ObjectID(seconds: 4, process: 5, counter: 6)
    private let time = Timestamp(milliseconds: 1_700_000_000_123)

    private func message() -> Message {
        Message(
            id: id, roomID: room, seq: 9, senderID: UserID(rawValue: 7),
            tempID: TempID("01234567-89ab-cdef-0123-456789abcdef"),
            content: MessageContent(text: "grüße 🦊", kind: .text), replyTo: room, threadID: id,
            mentions: [UserID(rawValue: 1), UserID(rawValue: 2)], createdAt: time)
    }

    @Test func messageRoundTrip() throws {
        let message = message()
        let document = BSONDocument { MessageDocument.write(message, into: &$0) }
        #expect(try MessageDocument.message(document) == message)
        #expect(document["changePosition"] == nil)
        #expect(document["isDeleted"] == nil)
    }

    @Test("What the room itself says has no tempId, so that the unique index does not see it")
    func systemMessage() throws {
        let message = Message(
            id: id, roomID: room, seq: 1, senderID: UserID(rawValue: 7), tempID: nil,
            content: MessageContent(text: "", kind: .system), createdAt: time, isDeleted: true)
        let document = BSONDocument { MessageDocument.write(message, into: &$0) }
        #expect(document["tempId"] == nil)
        #expect(try MessageDocument.message(document) == message)
    }

    @Test("A tombstone keeps the number, names the first, and nothing else is left")
    func tombstone() throws {
        let message = message()
        let document = BSONDocument { MessageDocument.writeTombstone(message, repeating: room, into: &$0) }
        let read = try MessageDocument.message(document)
        #expect(read.seq == 9 && read.isDeleted && read.duplicateOf == room)
        #expect(read.content.text.isEmpty && read.tempID == nil)
    }

    @Test func roomRoundTrip() throws {
        let room = Room(
            id: room, type: .group, title: "Title", lastSeq: 0, lastMessage: nil, lastActiveAt: time, createdAt: time)
        let document = BSONDocument { RoomDocument.write(room, pairKey: nil, into: &$0) }
        #expect(try RoomDocument.room(document) == room)
        #expect(try RoomDocument.savedPosition(document) == .zero)
        #expect(document["pairKey"] == nil)
    }

    @Test func participantRoundTrip() throws {
        let participant = Participant(
            userID: UserID(rawValue: 7), role: .admin, joinedAt: time, joinedSeq: 3, lastReadSeq: 5, favorite: true,
            muted: true, nickname: "n")
        let document = BSONDocument {
            ParticipantDocument.writeFields(participant, of: room, version: 2, into: &$0)
        }
        #expect(try ParticipantDocument.participant(document) == participant)
    }

    @Test("A pair has one key, in whichever order it is named")
    func pairKey() {
        let low = UserID(rawValue: 9)
        let high = UserID(rawValue: 10)
        #expect(RoomDocument.pairKey(low, high) == "9:10")
        #expect(RoomDocument.pairKey(high, low) == "9:10")
    }

    @Test("Jumps are read from the room, and refused where they run backwards")
    func jumps() throws {
        func document(from: UInt64, to: UInt64) -> BSONDocument {
            let jump = BSONDocument {
                $0.append("from", from)
                $0.append("to", to)
            }
            return BSONDocument { $0.append("jumps", array: [jump]) { $0.append($1, $2) } }
        }
        #expect(try RoomDocument.jumps(document(from: 5, to: 9)).next(after: 4) == 10)
        #expect(throws: BSONError.unexpected("jumps")) { try RoomDocument.jumps(document(from: 9, to: 5)) }
    }

    @Test("A cursor comes back as it was written; anything else is none of ours")
    func cursor() throws {
        let room = Room(
            id: room, type: .group, title: nil, lastSeq: 0, lastMessage: nil, lastActiveAt: time, createdAt: time)
        let cursor = RoomListCursor(room)
        #expect(RoomListCursor(cursor.description) == cursor)
        for text in ["", "-", "1-", "x-\(id)", "1-\(id)-2", "1-abc"] {
            #expect(RoomListCursor(text) == nil)
        }
    }
}
