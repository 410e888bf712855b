import Domain

/// How often an entry is tried, and when again.
enum PersistTries {
    /// Tries that an entry gets before it becomes a dead letter.
    static let max = 3
    /// How long its room waits after the first try, and after each further one, ms: long enough for an index or a rule that
    /// is being mended, short enough that a room is not held up.
    static let pauses: [UInt64] = [100, 400]
}

/// What becomes of a batch in which something failed through itself. Pure.
///
/// A room is done up to the first entry that has to wait for another try: what follows it may be in MongoDB already, but
/// the saved position stays before it. An entry that has had its tries is a dead letter and holds nothing up.
struct PersistVerdict {
    /// What is done with, dead letters included.
    let done: PersistBatch
    /// In order, room by room.
    let letters: [DeadLetter]
    /// What to report of each room.
    let finished: [FinishedRoom]
    /// How long each room waits that has to, ms.
    let pauses: [(room: RoomID, milliseconds: UInt64)]

    /// - Parameter counted: for what failed in this round all its tries so far; nil where its room was lost meanwhile.
    init(_ batch: PersistBatch, counted: [EntryID: [FailedTry]?]) {
        var (rooms, letters, finished): ([ClaimedRoom], [DeadLetter], [FinishedRoom]) = ([], [], [])
        var pauses: [(room: RoomID, milliseconds: UInt64)] = []
        for room in batch.rooms {
            var (done, pause, given): ([ClaimedEntry], UInt64, [Position: [FailedTry]]) = ([], 0, room.tries)
            for entry in room.entries {
                let failed = counted[EntryID(room.id, entry.position)]
                let tries = failed.map { $0 ?? [] } ?? room.tries[entry.position] ?? []
                if tries.count >= PersistTries.max {
                    letters.append(DeadLetter(entry, of: room.id, tries: tries))
                    given[entry.position] = tries
                } else if failed != nil {
                    pause = PersistTries.pauses[Swift.min(Swift.max(tries.count, 1), PersistTries.pauses.count) - 1]
                    break
                }
                done.append(entry)
            }
            if pause > 0 {
                pauses.append((room.id, pause))
            }
            rooms.append(ClaimedRoom(id: room.id, entries: done, tries: given))
            finished.append(
                FinishedRoom(
                    id: room.id, saved: done.last?.position, acknowledged: done.map(\.position),
                    returned: room.entries.dropFirst(done.count).map(\.position), retryAfterMilliseconds: pause))
        }
        self.done = PersistBatch(rooms)
        self.letters = letters
        self.finished = finished
        self.pauses = pauses
    }
}

extension PersistBatch {
    /// What failed through itself, in order, given what became of each of `messages` and of each of `changes`.
    func failures(_ outcomes: [StoreOutcome], _ changed: [StoreOutcome]) -> [FailedEntry] {
        var causes: [EntryID: String] = [:]
        for case (let message, .rejected(let cause)) in zip(messages, outcomes) {
            causes[message.entryID] = cause
        }
        for case (let message, .rejected(let cause)) in zip(changes, changed) {
            causes[EntryID(message.roomID, message.changed)] = cause
        }
        return rooms.flatMap { room in
            room.entries.compactMap { entry -> FailedEntry? in
                guard !room.isDead(entry) else { return nil }
                let cause =
                    if case .unreadable(let cause, _) = entry.event { cause } else {
                        causes[EntryID(room.id, entry.position)]
                    }
                return cause.map { FailedEntry(id: EntryID(room.id, entry.position), cause: $0) }
            }
        }
    }
}

extension ClaimedRoom {
    /// Whether an entry has had its tries: it is not tried again, even if a persister died before it was buried.
    func isDead(_ entry: ClaimedEntry) -> Bool { (tries[entry.position]?.count ?? 0) >= PersistTries.max }
}

extension DeadLetter {
    fileprivate init(_ entry: ClaimedEntry, of room: RoomID, tries: [FailedTry]) {
        let message = entry.message
        var origin = message.map {
            EntryOrigin(messageID: $0.id, senderID: $0.senderID, tempID: $0.tempID, createdAt: $0.createdAt)
        }
        switch entry.event {
        case .unreadable(_, let known): origin = known
        case .changed(let changed):
            // Its sender is not told: the message is stored, and it may have been somebody else who changed it.
            origin = EntryOrigin(
                messageID: changed.id, senderID: changed.senderID, tempID: nil, createdAt: changed.createdAt)
        case .message, .membership, .failed: break
        }
        self.init(
            id: EntryID(room, entry.position), message: message, origin: origin, raw: entry.raw, tries: tries)
    }

    /// What stands at its number, so that the room stays complete; nil where it is a change, which has none.
    /// - Parameter makeID: gives an id where that of the entry could not be read.
    func placeholder(makeID: () -> MessageID) -> Message? {
        guard id.position.change == 0 else { return nil }
        return Message(
            id: origin?.messageID ?? makeID(), roomID: id.roomID, seq: id.position.seq,
            senderID: origin?.senderID ?? UserID(rawValue: 0), tempID: nil,
            content: MessageContent(text: "", kind: .system),
            createdAt: origin?.createdAt ?? tries.first?.at ?? Timestamp(milliseconds: 0), isDeleted: true)
    }
}
