import Domain

/// What is to be stored of one worker's claimed rooms, and what can be said of each when it has been. Pure.
struct PersistBatch {
    /// All messages in order, room by room.
    let messages: [Message]
    private let rooms: [ClaimedRoom]

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

    /// How far each room has been begun.
    var begun: [(id: RoomID, upTo: Position)] {
        rooms.compactMap { room in room.entries.last.map { (room.id, $0.position) } }
    }

    /// How far each room comes once everything is stored.
    var progress: [RoomProgress] {
        rooms.compactMap { room in
            guard let last = room.entries.last else { return nil }
            var newest: Message?
            var readBySenders: [UserID: UInt64] = [:]
            var membership: [AppliedMembership] = []
            for entry in room.entries {
                switch entry.event {
                case .message(let message):
                    newest = message
                    readBySenders[message.senderID] = message.seq
                case .membership(let message, let change):
                    newest = message
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
        rooms.map { FinishedRoom(id: $0.id, saved: nil, acknowledged: [], retryAfterMilliseconds: delay) }
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
