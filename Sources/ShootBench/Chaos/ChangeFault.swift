import Launcher

/// Messages are changed while clients are away that have seen them.
extension Fault {
    @Sendable static func changeWhileAway(_ stage: ChaosStage) async throws -> UInt64 {
        let end = ContinuousClock.now + stage.outage
        var moment = monotonicNanoseconds()
        stage.expectResumes()
        var rounds = 0
        repeat {
            let absences = stage.chooseAbsences()
            let ends = try await stage.leave(absences)
            try await stage.changeMessages(in: absences, upTo: ends)
            try await stage.makeLong(absences, since: ends)
            // Some of what they know once more, some of what they do not.
            try await stage.changeMessages(in: absences, upTo: ends)
            try await stage.changeMessages(in: absences, upTo: nil)
            // Those of the last round went while they were away; these while they are being told.
            moment = try await stage.comeBack(absences) {
                try await stage.changeMessages(in: absences, upTo: ends)
            }
            rounds += 1
        } while ContinuousClock.now < end || rounds < 2
        return moment
    }
}

extension ChaosStage {
    /// Changes of each room at a time.
    private static let changesAtOnce = 6
    private static let signs = ["heart", "wave", "👍"]

    /// Changes some messages of each room: half of them of the last ones, the others from any time.
    /// - Parameter ends: the last numbers that those who are away have seen; nil: what they have not seen is changed.
    fileprivate func changeMessages(in absences: [Absence], upTo ends: [Int]?) async throws {
        let rooms = absences.map { plan.rooms[$0.room] }
        let stored = try StoredMessages.read(url: bench.stack.mongoURL, rooms: rooms)
        for (index, absence) in absences.enumerated() {
            let known = stored[index].filter { $0.name != nil && (ends.map { $0[index] } ?? .max) >= Int($0.seq) }
            for number in 0..<Self.changesAtOnce where !known.isEmpty {
                let latest = number % 2 == 0 ? min(known.count, 8) : known.count
                let message = known[known.count - 1 - choose(latest)]
                change(message, in: absence.room)
            }
            // Others have their turn: a call blocks.
            await Task.yield()
        }
    }

    /// Makes one change, by whoever may.
    private func change(_ message: StoredMessage, in room: Int) {
        guard let id = message.id, let name = message.name else { return }
        let view = changes.views[id] ?? message.view
        guard !view.isDeleted else { return }
        switch choose(6) {
        case 0, 1: edit(message, in: room, "edited \(choose(1_000_000)), was \(name.number)")
        case 2: delete(message, in: room)
        default: react(to: message, in: room, Self.signs[choose(Self.signs.count)])
        }
    }
}
