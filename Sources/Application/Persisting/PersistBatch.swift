import Domain

/// What is to be stored of one worker's claimed rooms, and what can be said of each when it has been. Pure.
struct PersistBatch {
    /// All messages in order, room by room.
    let messages: [Message]
    private let rooms: [ClaimedRoom]

    private init(messages: [Message], rooms: [ClaimedRoom]) {
        self.messages = messages
        self.rooms = rooms
    }

    /// `placeholder` gives an id to an entry that could not be read.
    init(_ rooms: [ClaimedRoom], placeholder: (RoomID, Position) -> MessageID) {
        self.rooms = rooms
        messages = rooms.flatMap { room in
            room.entries.compactMap { entry in
                switch entry.event {
                case .message(let message), .membership(let message, _): message
                case .failed: nil
                case .unreadable where entry.position.change == 0:
                    PersistBatch.placeholder(
                        id: placeholder(room.id, entry.position), room: room.id, seq: entry.position.seq,
                        sender: UserID(rawValue: 0), at: Timestamp(milliseconds: 0))
                case .unreadable: nil
                }
            }
        }
    }

    /// The batch in two, room by room and with the ids that it has; nil where it is of one room only.
    var halves: (PersistBatch, PersistBatch)? {
        guard rooms.count > 1 else { return nil }
        let (first, second) = (rooms.prefix(rooms.count / 2), rooms.dropFirst(rooms.count / 2))
        let ids = Set(first.map(\.id))
        return (
            PersistBatch(messages: messages.filter { ids.contains($0.roomID) }, rooms: Array(first)),
            PersistBatch(messages: messages.filter { !ids.contains($0.roomID) }, rooms: Array(second))
        )
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

    /// How many entries could not be read.
    var unreadable: Int {
        rooms.reduce(0) { sum, room in
            sum + room.entries.count { if case .unreadable = $0.event { true } else { false } }
        }
    }

    /// When the oldest message was put into the log; nil where that is known of none.
    var oldest: Timestamp? { messages.lazy.map(\.createdAt).filter { $0.milliseconds > 0 }.min() }

    /// How far each room has been begun.
    var begun: [(id: RoomID, upTo: Position)] {
        rooms.compactMap { room in room.entries.last.map { (room.id, $0.position) } }
    }

    /// How far each room comes with what became of each of `messages`. One that was not stored as it is (refused, or a
    /// late repeat) keeps its number, but is not what the room shows as its last.
    func progress(_ outcomes: [StoreOutcome]) -> [RoomProgress] {
        let stored = Set(zip(messages, outcomes).lazy.filter { $0.1 == .stored }.map(\.0.id))
        return rooms.compactMap { room in
            guard let last = room.entries.last else { return nil }
            var newest: Message?
            var readBySenders: [UserID: UInt64] = [:]
            var membership: [AppliedMembership] = []
            for entry in room.entries {
                switch entry.event {
                case .message(let message):
                    newest = stored.contains(message.id) ? message : newest
                    readBySenders[message.senderID] = message.seq
                case .membership(let message, let change):
                    newest = stored.contains(message.id) ? message : newest
                    membership.append(AppliedMembership(change: change, seq: message.seq, at: message.createdAt))
                case .failed, .unreadable: break
                }
            }
            return RoomProgress(
                roomID: room.id, position: last.position, lastMessage: newest.map(LastMessage.init),
                readBySenders: readBySenders, membership: membership)
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
        rooms.map { FinishedRoom(postponed: $0.id, byMilliseconds: delay) }
    }

    /// What stands at a number whose message can't be stored, so that the room stays complete.
    static func placeholder(
        id: MessageID, room: RoomID, seq: UInt64, sender: UserID, at time: Timestamp
    ) -> Message {
        Message(
            id: id, roomID: room, seq: seq, senderID: sender, tempID: nil,
            content: MessageContent(text: "", kind: .system), createdAt: time, isDeleted: true)
    }
}

extension LastMessage {
    /// A message in short.
    init(_ message: Message) {
        self.init(
            id: message.id, seq: message.seq, senderID: message.senderID,
            text: String(message.content.text.prefix(LastMessage.textLength)), createdAt: message.createdAt)
    }

    /// How much of a text the room list shows, in characters.
    static let textLength = 200
}
