import Launcher

/// MongoDB refuses messages: each is given up, its room goes on without it, and it can be had back once.
extension Fault {
    @Sendable static func poison(_ stage: ChaosStage) async throws -> UInt64 {
        let end = ContinuousClock.now + stage.outage
        var moment = monotonicNanoseconds()
        stage.expectResumes()
        stage.expect("to come across a placeholder") { journals in journals.contains { $0.placeholders > 0 } }
        var rounds = 0
        repeat {
            moment = try await stage.poisonOnce()
            rounds += 1
        } while ContinuousClock.now < end || rounds < 2
        return moment
    }
}

extension ChaosStage {
    private static let poisonPatience = Duration.seconds(60)

    /// A round of it; gives when those who were away were called back, ns.
    fileprivate func poisonOnce() async throws -> UInt64 {
        let absences = chooseAbsences()
        let ends = try await leave(absences)
        try refuse(ChaosFrames.poison)
        let senders = absences.flatMap { $0.there.prefix(3) }
        // One behind the other, and two of one sender.
        let order = control.order(.poison(senders + senders.prefix(1)))
        let edited = try await refuseChanges(absences)
        try await carriedOut(order) { $0.poison == 0 }
        try await makeLong(absences, since: ends)
        let moment = try await comeBack(absences)
        var letters = try readLetters().filter {
            $0.state == "DEAD" && $0.change == 0 && !leftDead.contains($0.text(in: plan))
        }
        if let letter = letters.first {
            try replay(letter, isDone: false, "while MongoDB refuses it")
        }
        try refuse(nil)
        for (message, room) in edited {
            edit(message, in: room, "cured of it")
        }
        // Of three in a row one each is replayed, sent again, and left.
        letters.shuffle(using: &random)
        let again = letters.enumerated().filter { $0.offset % 3 == 1 }.map(\.element)
        for (index, letter) in letters.enumerated() {
            switch index % 3 {
            case 0: try replay(letter, isDone: true, "when MongoDB takes it")
            case 2: leftDead.insert(letter.text(in: plan))
            default: break
            }
        }
        let retries = again.compactMap { letter in
            letter.name.map { (client: plan.client(room: $0.room, slot: $0.slot), number: Int($0.number)) }
        }
        control.order(.retry(retries))
        try await awaitStored(Set(again.compactMap(\.name)), in: absences)
        for letter in again {
            try replay(letter, isDone: false, "when its sender has sent it again")
            leftDead.insert(letter.text(in: plan))
        }
        return moment
    }

    /// Has a message of each room edited so that MongoDB refuses it; then a reaction to it, which says nothing of that.
    private func refuseChanges(_ absences: [Absence]) async throws -> [(StoredMessage, room: Int)] {
        var edited: [(StoredMessage, room: Int)] = []
        for absence in absences {
            let stored = try StoredMessages.read(url: bench.stack.mongoURL, rooms: [plan.rooms[absence.room]])[0]
            guard let message = stored.last(where: { $0.name != nil && !$0.isDeleted }), let id = message.id else {
                continue
            }
            changes.noteRefusal(of: id)
            edit(message, in: absence.room, "\(ChaosFrames.poison) edit", isRefused: true)
            edited.append((message, absence.room))
        }
        try await wait(for: "refused changes are given up", within: Self.poisonPatience) {
            let given = Set(try readLetters().lazy.filter { $0.change > 0 }.compactMap(\.id))
            return changes.refused.isSubset(of: given)
        }
        for (message, room) in edited {
            react(to: message, in: room, "heart")
        }
        return edited
    }

    private func awaitStored(_ names: Set<MessageName>, in absences: [Absence]) async throws {
        let rooms = absences.map { plan.rooms[$0.room] }
        try await wait(for: "what was sent again is stored", within: Self.poisonPatience) {
            let stored = try StoredMessages.read(url: bench.stack.mongoURL, rooms: rooms)
            return names.isSubset(of: stored.joined().compactMap(\.name))
        }
    }

    private func readLetters() throws -> [StoredLetter] {
        try StoredMessages.letters(url: bench.stack.mongoURL, rooms: plan.rooms)
    }

    /// Has an operator replay a dead letter.
    private func replay(_ letter: StoredLetter, isDone: Bool, _ when: String) throws {
        let status = try bench.command(["dlq", "replay", letter.text(in: plan)])
        if status != (isDone ? 0 : 1) {
            complain("shoot dlq replay of \(letter.text(in: plan)) \(when): status \(status.map { "\($0)" } ?? "none")")
        }
    }

    /// Makes MongoDB refuse what says `marker`, or nothing more.
    private func refuse(_ marker: String?) throws {
        try bench.mongoServer?.refuseMessages(containing: marker, database: MongoServer.database)
    }
}
