import Domain

/// The messages of a room whose senders are listening to what becomes of them, in order of their numbers.
///
/// PROCESSING and SAVED are watermarks: everything up to a number has come so far.
struct StatusTrail {
    private struct Step {
        let seq: UInt64
        let sender: UserID
        let tempID: TempID
        let id: MessageID
        let createdAt: Timestamp
        var told: MessageStatus
    }

    private var steps: [Step] = []
    /// Nobody waits for anything.
    var isEmpty: Bool { steps.isEmpty }

    private(set) var processing: UInt64 = 0
    private(set) var saved: UInt64 = 0

    /// A message is in the log, or one that is there was sent again. Gives what its sender is to be told: that, and what is already known to have followed.
    mutating func logged(
        seq: UInt64, sender: UserID, tempID: TempID, id: MessageID, createdAt: Timestamp
    ) -> [StatusUpdate] {
        var step = Step(
            seq: seq, sender: sender, tempID: tempID, id: id, createdAt: createdAt, told: .sentToStream)
        var updates = [update(step)]
        if seq <= max(processing, saved) {
            step.told = .processing
            updates.append(update(step))
        }
        if seq <= saved {
            step.told = .saved
            updates.append(update(step))
        } else {
            insert(step)
        }
        return updates
    }

    /// Keeps the steps in order: a repeat may be of an older message, or of one that is followed already.
    private mutating func insert(_ step: Step) {
        if let last = steps.last, last.seq >= step.seq {
            let index = steps.firstIndex { $0.seq >= step.seq } ?? steps.endIndex
            if index < steps.endIndex, steps[index].seq == step.seq { return }
            steps.insert(step, at: index)
        } else {
            steps.append(step)
        }
        // At the bound the oldest are forgotten: their senders miss steps, nobody else does.
        if steps.count > GatewayLimits.maxTrackedMessages {
            steps.removeFirst(GatewayLimits.maxTrackedMessages / 10)
        }
    }

    /// The persister has everything up to `seq`.
    mutating func processing(upTo seq: UInt64) -> [(sender: UserID, update: StatusUpdate)] {
        processing = max(processing, seq)
        var updates: [(sender: UserID, update: StatusUpdate)] = []
        for index in steps.indices {
            guard steps[index].seq <= processing else { break }
            if steps[index].told == .sentToStream {
                steps[index].told = .processing
                updates.append((steps[index].sender, update(steps[index])))
            }
        }
        return updates
    }

    /// MongoDB has everything up to `seq`.
    mutating func saved(upTo seq: UInt64) -> [(sender: UserID, update: StatusUpdate)] {
        var updates = processing(upTo: seq)
        saved = max(saved, seq)
        let count = steps.firstIndex { $0.seq > saved } ?? steps.count
        for var step in steps.prefix(count) {
            step.told = .saved
            updates.append((step.sender, update(step)))
        }
        steps.removeFirst(count)
        return updates
    }

    /// The message with this number will never be stored: nothing more is told of it.
    mutating func failed(id: MessageID) {
        steps.removeAll { $0.id == id }
    }

    private func update(_ step: Step) -> StatusUpdate {
        StatusUpdate(
            tempID: step.tempID, status: step.told, id: step.id, seq: step.seq, createdAt: step.createdAt)
    }
}
