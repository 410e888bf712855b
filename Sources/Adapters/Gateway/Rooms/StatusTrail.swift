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

    /// The first message that is followed, where it is one up to `seq`.
    func first(upTo seq: UInt64) -> UInt64? { steps.first.flatMap { $0.seq <= seq ? $0.seq : nil } }

    /// What became of the messages up to `seq` while their log was not read: `stored` is what MongoDB has of them. Gives
    /// those that failed; of a message that is not among these nothing more is told.
    mutating func settle(upTo seq: UInt64, by stored: [Message]) -> [(sender: UserID, update: StatusUpdate)] {
        let known = Dictionary(stored.map { ($0.id, $0.isPlaceholder) }) { first, _ in first }
        let failed = steps.filter { $0.seq <= seq && known[$0.id] == true }
        steps.removeAll { $0.seq <= seq && known[$0.id] != false }
        return failed.map { step in
            (
                step.sender,
                StatusUpdate(tempID: step.tempID, status: .failed, id: step.id, refusal: .notStored(.rejected))
            )
        }
    }

    private func update(_ step: Step) -> StatusUpdate {
        StatusUpdate(
            tempID: step.tempID, status: step.told, id: step.id, seq: step.seq, createdAt: step.createdAt)
    }
}

extension Refusal {
    /// What a sender is told whose message was in the log and could not be stored.
    static func notStored(_ code: ErrorCode) -> Refusal {
        Refusal(code, "the message could not be stored; send it again as a new one")
    }
}
