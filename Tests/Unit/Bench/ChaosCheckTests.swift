import Testing

@testable import ShootBench

/// The check of a chaos run sees every broken promise, and nothing where all are kept.
@Suite struct ChaosCheckTests {
    private static let plan = ChaosPlan(
        gateways: [], rooms: ["room"], clients: [], perRoom: 2, rate: 1, heartBeat: 1, seed: 1)

    private static func name(_ slot: Int, _ number: Int) -> MessageName {
        MessageName(run: 1, room: 0, slot: slot, number: UInt64(number))
    }

    private static func key(_ number: UInt64) -> MessageKey? {
        let digits = String(number, radix: 16)
        return MessageKey(hex: String(repeating: "0", count: 24 - digits.count) + digits)
    }

    private static func stored(_ names: [(Int, Int)?]) -> [StoredMessage] {
        names.enumerated().map { index, name in
            StoredMessage(
                id: key(UInt64(index + 1)), seq: UInt64(index + 1), name: name.map { Self.name($0.0, $0.1) },
                view: MessageView(text: name.map { ChaosFrames.text(Self.name($0.0, $0.1), isPoison: false) } ?? "-"))
        }
    }

    private static func deliveries(_ stored: [StoredMessage]) throws -> [Delivery] {
        try stored.map { Delivery(seq: $0.seq, id: try #require($0.id), name: $0.name) }
    }

    /// Messages 1 and 2 of sender 0, message 1 of sender 1 between them, seen by both.
    private static func whole() throws -> (journals: [Journal], stored: [StoredMessage]) {
        let stored = stored([(0, 1), (1, 1), (0, 2)])
        var first = Journal()
        first.accepted = [1, 2]
        first.saved = [1]
        first.deliveries = try deliveries(stored)
        first.views = Dictionary(uniqueKeysWithValues: stored.map { ($0.seq, $0.view) })
        var second = Journal()
        second.accepted = [1]
        second.deliveries = first.deliveries
        second.views = first.views
        return ([first, second], stored)
    }

    private static func check(
        _ run: (journals: [Journal], stored: [StoredMessage]), kicked: Set<Int> = []
    ) -> ChaosCheck {
        ChaosCheck(plan, run.journals, stored: [run.stored], kicked: kicked)
    }

    @Test func wholeRunKeepsEverything() throws {
        let check = Self.check(try Self.whole())
        #expect(check.broken == [])
        #expect((check.accepted, check.lost, check.doubled, check.reordered) == (3, 0, 0, 0))
    }

    @Test func acceptedMessageThatIsNotStoredIsLost() throws {
        var run = try Self.whole()
        run.journals[1].accepted.append(2)
        let check = Self.check(run)
        #expect(check.lost == 1)
        #expect(check.broken == ["lost: client 1: message 2 was accepted and is not stored"])
    }

    @Test func deliveryThatNeverCameIsLost() throws {
        var run = try Self.whole()
        run.journals[0].deliveries.removeLast()
        run.journals[1].deliveries.remove(at: 1)
        let check = Self.check(run)
        #expect(check.lost == 2)
        #expect(check.broken.count == 2)
    }

    @Test func deliveryThatCameTwiceIsDoubled() throws {
        var run = try Self.whole()
        run.journals[0].deliveries.append(run.journals[0].deliveries[2])
        #expect(Self.check(run).doubled == 1)
    }

    @Test func otherMessageAtTheSameNumberIsNoticed() throws {
        var run = try Self.whole()
        run.stored[1].id = Self.key(77)
        let check = Self.check(run)
        #expect(check.reordered == 2)
        #expect(check.broken.allSatisfy { $0.contains("another message 2") })
    }

    @Test func secondCopyIsDoubled() throws {
        var run = try Self.whole()
        run.stored[2].name = Self.name(0, 1)
        #expect(Self.check(run).doubled == 1)
        run = try Self.whole()
        run.stored[1].isDuplicate = true
        #expect(Self.check(run).doubled == 1)
    }

    @Test func holeInTheStoreIsNoticed() throws {
        var run = try Self.whole()
        run.stored.remove(at: 1)
        run.journals[1].accepted = []
        let check = Self.check(run)
        #expect((check.reordered, check.lost) == (1, 2), "the number is missing, and both got what is not there")
    }

    @Test func sendersOrderIsHeldUnlessItRepeatedOutOfTurn() throws {
        var run = try Self.whole()
        run.stored[0].name = Self.name(0, 2)
        run.stored[2].name = Self.name(0, 1)
        #expect(Self.check(run).broken == ["order: room 0: message 1 of sender 0 is behind 2"])
        run.journals[0].outOfTurn = [1]
        #expect(Self.check(run).broken == [])
    }

    @Test func whatWasToldHasToBeTrue() throws {
        var run = try Self.whole()
        run.journals[0].refused = [(2, "BUSY")]
        run.journals[1].saved = [9]
        run.journals[1].unanswered = [3]
        run.journals[1].stepsBack = [(1, "PROCESSING")]
        run.journals[1].complaints = ["client 1: resumed behind 2, not behind 1"]
        let kinds = Self.check(run).broken.map { $0.prefix { $0 != ":" } }
        #expect(kinds == ["false FAILED", "false SAVED", "unanswered", "protocol", "status"])
    }

    @Test func whoWasKickedSeesNothingBehindIt() throws {
        var run = try Self.whole()
        run.stored = Self.stored([(0, 1), nil, (0, 2)])
        run.journals[0].deliveries = try Self.deliveries(run.stored)
        run.journals[1] = Journal()
        run.journals[1].deliveries = Array(run.journals[0].deliveries.prefix(2))
        #expect(Self.check(run, kicked: [1]).broken == [])
        run.journals[1].deliveries = run.journals[0].deliveries
        #expect(Self.check(run, kicked: [1]).broken == ["kick: client 1 was put out at number 2 and got 3"])
    }
}
