import Testing

@testable import ShootBench

/// The check of a chaos run knows what a dead letter means, and what subscribers are to show.
@Suite struct ChaosLetterCheckTests {
    private static let plan = ChaosPlan(
        gateways: [], rooms: ["room"], clients: [], perRoom: 2, rate: 1, heartBeat: 1, seed: 1)
    private static let poison = MessageName(run: 1, room: 0, slot: 0, number: 1)
    private static let key = MessageKey(hex: "000000000000000000000001")

    /// Message 1 of sender 0, which MongoDB refused: sender 0 saw it before, sender 1 came across its placeholder.
    private struct Run {
        var journals = [Journal(), Journal()]
        var stored = [StoredMessage(id: key, seq: 1, view: .deleted)]
        var letters = [StoredLetter(room: 0, seq: 1, id: key, name: poison, tries: 3, state: "DEAD")]
        var changes = ChangeBook()

        init() throws {
            let delivery = Delivery(seq: 1, id: try #require(key), name: nil)
            journals[0].poisoned = [1]
            journals[0].rejected = [1]
            journals[0].refused = [(1, "REJECTED")]
            journals[0].deliveries = [delivery]
            journals[0].views = [1: MessageView(text: ChaosFrames.text(poison, isPoison: true))]
            journals[1].deliveries = [delivery]
            journals[1].views = [1: .deleted]
        }

        /// An operator had it stored.
        mutating func replay() {
            letters[0].state = "REPLAYED"
            stored[0].name = poison
            stored[0].view = MessageView(text: ChaosFrames.text(poison, isPoison: true))
        }

        var check: ChaosCheck {
            ChaosCheck(plan, journals, stored: [stored], letters: letters, changes: changes, kicked: [])
        }
    }

    @Test func refusedMessageIsGivenUpOrReplayed() throws {
        var run = try Run()
        #expect(run.check.broken == [])
        run.replay()
        #expect(run.check.broken == [])
    }

    @Test func senderIsToldAndThreeTriesAreMade() throws {
        var run = try Run()
        run.journals[0].rejected = []
        run.letters[0].tries = 2
        #expect(
            run.check.broken == [
                "dead letter: number 1-0 of room 0 was given up after 2 tries",
                "dead letter: client 0 was not told that its message 1 failed",
            ])
    }

    @Test func onlyWhatWasToBeRefusedIsGivenUp() throws {
        var run = try Run()
        run.journals[0].poisoned = []
        #expect(run.check.broken.contains { $0.contains("nothing that MongoDB was to refuse") })
        run = try Run()
        run.letters = []
        #expect(run.check.broken.contains { $0.contains("1 messages were to be refused, and 0 were given up") })
        #expect(run.check.broken.contains { $0.contains("a placeholder for nothing") })
        run = try Run()
        run.letters.append(run.letters[0])
        #expect(run.check.broken.contains { $0.contains("given up 2 times") })
    }

    @Test func itsNumberHoldsAPlaceholderOrSinceTheReplayTheMessage() throws {
        var run = try Run()
        run.letters[0].state = "REPLAYED"
        #expect(run.check.lost == 1)
        run = try Run()
        run.replay()
        run.letters[0].state = "DEAD"
        #expect(run.check.lost == 1)
    }

    @Test func aChangeThatIsGivenUpBehindTheMessageIsAnotherMatter() throws {
        var run = try Run()
        let changed = try #require(MessageKey(hex: "000000000000000000000002"))
        run.changes.noteRefusal(of: changed)
        run.letters.append(StoredLetter(room: 0, seq: 1, change: 1, id: changed, tries: 3, state: "DEAD"))
        #expect(run.check.broken == [])
        run.letters.removeFirst()
        #expect(run.check.broken.contains { $0.contains("a placeholder for nothing") })
    }

    @Test func failedAndStoredTakesAnOperator() throws {
        var run = try Run()
        run.replay()
        run.letters = []
        run.journals[0].poisoned = []
        run.journals[1].views = run.journals[0].views
        #expect(run.check.broken == ["false FAILED: client 0: message 1 was refused (REJECTED) and is stored"])
    }

    @Test func whatSubscribersShowIsWhatIsStored() throws {
        var run = try Run()
        run.replay()
        run.letters = []
        run.journals[0].poisoned = []
        run.journals[0].refused = []
        run.journals[1].views = run.journals[0].views
        #expect(run.check.broken == [])
        run.stored[0].view.react(7, "heart", takesBack: false)
        run.journals[0].views[1]?.react(7, "heart", takesBack: false)
        let check = run.check
        #expect(check.lost == 1)
        #expect(check.broken.count == 1 && check.broken[0].hasPrefix("view: client 1 shows number 1 of room 0"))
        run.journals[1].views = run.journals[0].views
        run.changes.note(try #require(Self.key), .deleted)
        #expect(run.check.broken.map { $0.prefix(7) } == ["change:"])
    }
}
