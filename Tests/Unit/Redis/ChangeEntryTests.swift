import Application
import Domain
import Testing

@testable import Redis

/// The entry of a change, out of its head and members.
@Suite struct ChangeEntryTests {
    private static let tempID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    private static let head =
        "1 c 7-2 1700000000000 5 0123456789abcdef01234567 react 3 sd 9 \(tempID) 1600000000000 1650000000000"

    private func read(_ head: String, _ members: String = "\"content\":{\"text\":\"t\",\"type\":\"TEXT\"}") -> LogEntry
    {
        LogEntryDecoder.entry(Array(head.utf8).span, body: Array(members.utf8), at: Position(seq: 7, change: 3))
    }

    @Test func allOfIt() throws {
        let entry = read(Self.head + " a word of a later release")
        #expect(entry.previous == Position(seq: 7, change: 2))
        guard case .changed(let change) = entry.event else {
            Issue.record("not a change: \(entry)")
            return
        }
        #expect(change.kind == .react && change.actorID == UserID(rawValue: 5) && change.seq == 3)
        #expect(change.isDeleted && change.isStored && change.senderID == UserID(rawValue: 9))
        #expect(change.tempID == TempID(Self.tempID))
        #expect(change.createdAt.milliseconds == 1_600_000_000_000)
        #expect(change.editedAt?.milliseconds == 1_650_000_000_000)
    }

    /// A head that ends too early tells nothing, but keeps its place in the log.
    @Test func headsThatEndEarly() {
        for count in 0..<Self.head.utf8.count {
            let entry = read(String(Self.head.prefix(count)))
            switch entry.event {
            case .unreadable: #expect(entry.position == Position(seq: 7, change: 3))
            case .changed: #expect(count > Self.head.utf8.count - 13, "read after \(count) bytes")
            default: Issue.record("\(count) bytes are \(entry.event)")
            }
        }
    }

    @Test(arguments: [" react ", " 3 ", " 9 ", " 1600000000000 ", " 5 "])
    func aWordOfAnotherForm(_ word: String) {
        guard case .unreadable = read(Self.head.replacing(word, with: " ? ")).event else {
            Issue.record("read without \(word)")
            return
        }
    }

    @Test func storedAsItIsTold() throws {
        let members =
            "\"content\":{\"text\":\"a \\\"b\\\"\",\"type\":\"URL\"},\"mentions\":[4],"
            + "\"duplicateOf\":\"0123456789abcdef01234568\",\"reactions\":{\"👍\":[3,2],\":x:\":[9007199254740993]}"
        let room = ObjectID(seconds: 1, process: 1, counter: 1)
        let head = Self.head.replacing(" sd ", with: " - ").replacing(Self.tempID, with: "-")
            .replacing("1650000000000", with: "0")
        guard case .changed(let message) = ClaimedEntry(read(head, members), of: room).event else {
            Issue.record("not a change")
            return
        }
        #expect(
            message
                == Message(
                    id: message.id, roomID: room, seq: 3, senderID: UserID(rawValue: 9), tempID: nil,
                    content: MessageContent(text: "a \"b\"", kind: .url), mentions: [UserID(rawValue: 4)],
                    createdAt: Timestamp(milliseconds: 1_600_000_000_000),
                    duplicateOf: MessageID(hex: "0123456789abcdef01234568"),
                    reactions: [
                        Reaction(sign: "👍", userIDs: [UserID(rawValue: 3), UserID(rawValue: 2)]),
                        Reaction(sign: ":x:", userIDs: [UserID(rawValue: 9_007_199_254_740_993)]),
                    ],
                    updatedAt: Timestamp(milliseconds: 1_700_000_000_000), changed: Position(seq: 7, change: 3)))
        guard case .unreadable = ClaimedEntry(read(head, "\"reactions\":[]"), of: room).event else {
            Issue.record("reactions of another form were read")
            return
        }
    }
}
