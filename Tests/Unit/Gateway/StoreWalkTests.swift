import Application
import Domain
import Testing

@testable import Gateway

/// The way through the store: what is told, in which order, and what is remembered of it.
@Suite struct StoreWalkTests {
    private struct Store: MessageReader {
        let messages: [Message]

        func page(before: UInt64?, above: UInt64, of: RoomID, limit: Int) async throws(StoreError) -> [Message] { [] }
        func page(after seq: UInt64, of: RoomID, limit: Int) async throws(StoreError) -> [Message] {
            Array(messages.filter { $0.seq > seq }.prefix(limit))
        }
        func changed(
            in range: ChangeRange, numbered seqs: ClosedRange<UInt64>, of: RoomID, limit: Int
        ) async throws(StoreError) -> [Message] {
            let found = messages.filter {
                seqs.contains($0.seq) && $0.changed > range.after && $0.changed <= range.through
            }
            return Array(found.sorted { $0.changed < $1.changed }.prefix(limit))
        }
        func savedPosition(of: RoomID) async throws(StoreError) -> Position? { nil }
        func message(_ id: MessageID) async throws(StoreError) -> StoredMessage? { nil }
    }

    private let room = ObjectID(seconds: 1, process: 1, counter: 1)

    private func message(_ seq: UInt64, changed: Position? = nil, text: String = "text") -> Message {
        Message(
            id: ObjectID(seconds: 2, process: 1, counter: UInt32(seq)), roomID: room, seq: seq,
            senderID: UserID(rawValue: 1), tempID: nil, content: MessageContent(text: text, kind: .text),
            createdAt: Timestamp(milliseconds: 0), changed: changed)
    }

    private func walk(
        _ store: Store, from start: Position, to end: Position, above floor: UInt64 = 0
    ) async throws -> (changed: [UInt64], sent: [UInt64], ahead: [UInt64]) {
        var walk = StoreWalk(from: start, to: end, above: floor)
        var told: (changed: [UInt64], sent: [UInt64], ahead: [UInt64]) = ([], [], [])
        while !walk.isDone {
            let page = try #require(try await walk.next(of: room, in: store, limit: 2))
            #expect(page.changed.isEmpty || told.sent.isEmpty, "what changed goes first")
            told.changed += page.changed.map(\.seq)
            told.sent += page.sent.map(\.seq)
            told.ahead += page.ahead(of: end).map(\.seq)
        }
        return told
    }

    @Test func whatChangedThenWhatWasSent() async throws {
        let end = Position(seq: 7, change: 4)
        let store = Store(messages: [
            message(1, changed: Position(seq: 7, change: 2)), message(2, changed: Position(seq: 4, change: 1)),
            message(3, changed: Position(seq: 5, change: 9)), message(4, changed: Position(seq: 7, change: 5)),
            message(5, changed: Position(seq: 8, change: 1)), message(6), message(7, changed: end), message(8),
        ])
        let told = try await walk(store, from: Position(seq: 4, change: 1), to: end)
        // 2 was known, 4 is told by what follows the end.
        #expect(told.changed == [3, 1])
        #expect(told.sent == [5, 6, 7])
        #expect(told.ahead == [5])
        let newcomer = try await walk(store, from: Position(seq: 4, change: 1), to: end, above: 2)
        #expect(newcomer.changed == [3])
        let joined = try await walk(store, from: Position(seq: 4), to: end, above: 4)
        #expect(joined.changed.isEmpty && joined.sent == [5, 6, 7])
    }

    @Test func onlyChangesAndNothingAtAll() async throws {
        let store = Store(messages: [message(1, changed: Position(seq: 2, change: 1)), message(2)])
        let told = try await walk(store, from: Position(seq: 2), to: Position(seq: 2, change: 3))
        #expect(told.changed == [1] && told.sent.isEmpty)
        let nothing = try await walk(store, from: Position(seq: 2, change: 1), to: Position(seq: 2, change: 3))
        #expect(nothing.changed.isEmpty && nothing.sent.isEmpty)
    }

    /// Both messages that changed and those that were sent, of which three are more than a page may hold.
    @Test func aPageHoldsNoMoreThanMayBeHandedOutAtOnce() async throws {
        let text = String(repeating: "x", count: GatewayLimits.backfillBytes / 2)
        let store = Store(
            messages: (UInt64(1)...6).map { message($0, changed: Position(seq: 6, change: $0), text: text) })
        var walk = StoreWalk(from: Position(seq: 3), to: Position(seq: 6, change: 6), above: 0)
        var pages: [[UInt64]] = []
        while !walk.isDone {
            let page = try #require(try await walk.next(of: room, in: store, limit: 100))
            pages.append((page.changed + page.sent).map(\.seq))
        }
        #expect(pages.filter { !$0.isEmpty } == [[1, 2], [3], [4, 5], [6]])
    }

    @Test func aHoleIsWaitedFor() async throws {
        var walk = StoreWalk(from: Position(seq: 1), to: Position(seq: 3), above: 1)
        #expect(try await walk.next(of: room, in: Store(messages: [message(1)]), limit: 2) == nil)
        #expect(!walk.isDone)
    }

    @Test func whatWasToldAheadIsLeftOutUpToThere() {
        func entry(_ position: Position, of message: Message) -> LogEntry {
            LogEntry(
                position: position, previous: .zero, createdAt: Timestamp(milliseconds: 0),
                event: .changed(
                    MessageChange(
                        kind: .edit, actorID: message.senderID, id: message.id, seq: message.seq,
                        senderID: message.senderID, tempID: nil, createdAt: message.createdAt, editedAt: nil,
                        isDeleted: false, isStored: true, members: [])))
        }
        var ahead = ToldAhead()
        let told = message(1, changed: Position(seq: 4, change: 2))
        ahead.note([told])
        #expect(ahead.end == told.changed)
        #expect(ahead.has(entry(Position(seq: 4, change: 1), of: told)))
        #expect(ahead.has(entry(Position(seq: 4, change: 2), of: told)))
        #expect(!ahead.has(entry(Position(seq: 4, change: 3), of: told)))
        #expect(!ahead.has(entry(Position(seq: 4, change: 1), of: message(2))))
        ahead.forget(upTo: Position(seq: 4, change: 1))
        #expect(!ahead.isEmpty)
        ahead.forget(upTo: Position(seq: 4, change: 2))
        #expect(ahead.isEmpty)
    }
}
