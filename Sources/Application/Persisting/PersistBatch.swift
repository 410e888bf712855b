import Domain

/// What is to be stored of one worker's claimed rooms, and what can be said of each when it has been. Pure.
struct PersistBatch {
    /// All messages in order, room by room.
    let messages: [Message]
    let rooms: [ClaimedRoom]

    init(_ rooms: [ClaimedRoom]) {
        self.rooms = rooms
        messages = rooms.flatMap { room in
            room.entries.compactMap { room.isDead($0) ? nil : $0.message }
        }
    }

    /// All changes of messages in order, room by room, and those of one message one by one: each is refused for itself.
    var changes: [Message] {
        rooms.flatMap { room in
            room.entries.compactMap { entry -> Message? in
                guard case .changed(let message) = entry.event, !room.isDead(entry) else { return nil }
                return message
            }
        }
    }

    /// The batch in two, room by room; nil where it is of one room only.
    var halves: (PersistBatch, PersistBatch)? {
        guard rooms.count > 1 else { return nil }
        return (
            PersistBatch(Array(rooms.prefix(rooms.count / 2))), PersistBatch(Array(rooms.dropFirst(rooms.count / 2)))
        )
    }

    /// Whether there is nothing to bury and nothing that can't be read.
    var isSound: Bool {
        rooms.allSatisfy { room in
            !room.entries.contains { entry in
                if case .unreadable = entry.event { true } else { room.isDead(entry) }
            }
        }
    }

    /// The messages that are traced, each with the span that put it into the log.
    var traced: [(message: Message, trace: TraceContext)] {
        var traced: [(message: Message, trace: TraceContext)] = []
        for room in rooms {
            for entry in room.entries {
                guard let trace = entry.trace, trace.isSampled, case .message(let message) = entry.event else {
                    continue
                }
                traced.append((message, trace))
            }
        }
        return traced
    }

    /// When the oldest message was put into the log; nil where that is known of none.
    var oldest: Timestamp? { messages.lazy.map(\.createdAt).filter { $0.milliseconds > 0 }.min() }

    /// How far each room has been begun.
    var begun: [(id: RoomID, upTo: Position)] {
        rooms.compactMap { room in room.entries.last.map { (room.id, $0.position) } }
    }

    /// The messages that were stored as they are, given what became of each. By their places: one that was sent again
    /// may come twice under its id.
    func stored(_ outcomes: [StoreOutcome]) -> Set<EntryID> {
        Set(zip(messages, outcomes).lazy.filter { $0.1 == .stored }.map(\.0.entryID))
    }

    /// How far each room comes where these messages are stored. One that was not stored as it is (refused, or a late
    /// repeat) keeps its number, but is not what the room shows as its last. A change that is dead is none.
    func progress(_ stored: Set<EntryID>) -> [RoomProgress] {
        rooms.compactMap { room in
            guard let last = room.entries.last else { return nil }
            var newest: Message?
            var readBySenders: [UserID: UInt64] = [:]
            var membership: [AppliedMembership] = []
            var changes: [MessageID: Message] = [:]
            let own = Set(room.entries.compactMap { $0.message?.seq })
            for entry in room.entries {
                switch entry.event {
                case .message(let message):
                    newest = stored.contains(message.entryID) ? message : newest
                    readBySenders[message.senderID] = message.seq
                case .membership(let message, let change):
                    newest = stored.contains(message.entryID) ? message : newest
                    membership.append(AppliedMembership(change: change, seq: message.seq, at: message.createdAt))
                case .changed where room.isDead(entry): break
                case .changed(let message):
                    changes[message.id] = message
                    // A change of an older message moves nothing: what the room shows as its last only goes on.
                    let isStored = !own.contains(message.seq) || stored.contains(message.entryID)
                    let isShown = isStored && message.duplicateOf == nil
                    newest = isShown && message.seq >= newest?.seq ?? 0 ? message : newest
                case .failed, .unreadable: break
                }
            }
            return RoomProgress(
                roomID: room.id, position: last.position, lastMessage: newest.map(LastMessage.init),
                readBySenders: readBySenders, membership: membership,
                changes: changes.values.sorted { $0.changed < $1.changed })
        }
    }

    /// What to report of each room once everything is stored.
    var finished: [FinishedRoom] {
        rooms.map { room in
            FinishedRoom(
                id: room.id, saved: room.entries.last?.position, acknowledged: room.entries.map(\.position))
        }
    }

    /// What to report of each room where nothing could be stored.
    func postponed(byMilliseconds delay: UInt64) -> [FinishedRoom] {
        rooms.map { room in
            FinishedRoom(postponed: room.id, returned: room.entries.map(\.position), byMilliseconds: delay)
        }
    }
}

extension ClaimedEntry {
    /// What it stores; nil where that is nothing, or can't be read.
    var message: Message? {
        switch event {
        case .message(let message), .membership(let message, _): message
        case .changed, .failed, .unreadable: nil
        }
    }
}

extension Message {
    /// The entry of its room's log that brought it.
    var entryID: EntryID { EntryID(roomID, Position(seq: seq)) }
}

extension LastMessage {
    /// A message in short.
    public init(_ message: Message) {
        self.init(
            id: message.id, seq: message.seq, senderID: message.senderID,
            text: String(message.content.text.prefix(LastMessage.textLength)), createdAt: message.createdAt,
            changed: message.changed)
    }

    /// How much of a text the room list shows, in characters.
    static let textLength = 200
}
