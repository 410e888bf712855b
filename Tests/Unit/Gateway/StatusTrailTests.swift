import Domain
import Testing

@testable import Gateway

@Suite struct StatusTrailTests {
    private let sender = UserID(rawValue: 7)

    private func log(_ trail: inout StatusTrail, _ seq: UInt64) throws -> [MessageStatus] {
        let tempID = try #require(TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        return trail.logged(
            seq: seq, sender: sender, tempID: tempID, id: id(seq), createdAt: Timestamp(milliseconds: 1)
        ).map(\.status)
    }

    private func id(_ seq: UInt64) -> MessageID { ObjectID(seconds: 1, process: 1, counter: UInt32(seq)) }

    @Test func tellsEachStepOnceAndInOrder() throws {
        var trail = StatusTrail()
        #expect(try log(&trail, 1) == [.sentToStream])
        #expect(try log(&trail, 2) == [.sentToStream])
        #expect(trail.processing(upTo: 1).map(\.update.seq) == [1])
        #expect(trail.processing(upTo: 1).isEmpty)
        let saved = trail.saved(upTo: 2)
        #expect(saved.map(\.update.status) == [.processing, .saved, .saved])
        #expect(saved.map(\.update.seq) == [2, 1, 2])
        #expect(trail.saved(upTo: 2).isEmpty)
        #expect(trail.processing(upTo: 2).isEmpty)
    }

    @Test func tellsWhatIsKnownAlready() throws {
        var trail = StatusTrail()
        _ = trail.processing(upTo: 5)
        _ = trail.saved(upTo: 3)
        #expect(try log(&trail, 3) == [.sentToStream, .processing, .saved])
        #expect(try log(&trail, 4) == [.sentToStream, .processing])
        #expect(try log(&trail, 6) == [.sentToStream])
        #expect(trail.saved(upTo: 4).map(\.update.seq) == [4])
    }

    @Test func neverGoesBack() throws {
        var trail = StatusTrail()
        _ = try log(&trail, 1)
        _ = trail.saved(upTo: 1)
        #expect(trail.saved(upTo: 0).isEmpty)
        #expect(trail.saved == 1)
    }

    /// 1 failed while nobody looked, 2 did not, and of 3 nothing is known; 4 is told by what is read next.
    @Test func whatBecameOfMessagesMeanwhileComesFromTheStore() throws {
        var trail = StatusTrail()
        for seq in UInt64(1)...4 {
            _ = try log(&trail, seq)
        }
        #expect(trail.first(upTo: 0) == nil && trail.first(upTo: 3) == 1)
        let failed = trail.settle(upTo: 3, by: [stored(1, tempID: nil, isDeleted: true), stored(2, isDeleted: true)])
        #expect(failed.map(\.update.status) == [.failed] && failed.map(\.update.id) == [id(1)])
        #expect(trail.saved(upTo: 4).filter { $0.update.status == .saved }.map(\.update.seq) == [2, 4])
    }

    private func stored(
        _ seq: UInt64, tempID: TempID? = TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), isDeleted: Bool
    )
        -> Message
    {
        Message(
            id: id(seq), roomID: id(0), seq: seq, senderID: sender, tempID: tempID,
            content: MessageContent(text: "", kind: .text), createdAt: Timestamp(milliseconds: 1), isDeleted: isDeleted)
    }

    @Test func aFailedMessageIsToldNoMore() throws {
        var trail = StatusTrail()
        _ = try log(&trail, 1)
        trail.failed(id: id(1))
        #expect(trail.saved(upTo: 1).isEmpty)
    }
}
