/// A room's kind.
public enum RoomType: String, Sendable {
    /// Two users; one room per pair.
    case individual = "INDIVIDUAL"
    /// Any number of users, with a title.
    case group = "GROUP"
}

/// What a participant may do in a room.
public enum Role: String, Sendable {
    /// Made the room; may do everything.
    case owner = "OWNER"
    /// May delete messages of others, and kick members.
    case admin = "ADMIN"
    /// May send, read and invite.
    case member = "MEMBER"
}

/// Where people talk.
public struct Room: Sendable, Equatable {
    public let id: RoomID
    public let type: RoomType
    /// The group's title; nil in an individual room.
    public let title: String?
    /// The number of the newest stored message; 0 before the first.
    public let lastSeq: UInt64
    /// The newest stored message in short, nil before the first.
    public let lastMessage: LastMessage?
    /// When something last happened in it.
    public let lastActiveAt: Timestamp
    public let createdAt: Timestamp

    public init(
        id: RoomID, type: RoomType, title: String?, lastSeq: UInt64, lastMessage: LastMessage?,
        lastActiveAt: Timestamp, createdAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.title = title
        self.lastSeq = lastSeq
        self.lastMessage = lastMessage
        self.lastActiveAt = lastActiveAt
        self.createdAt = createdAt
    }
}

/// A room's newest message as the room list shows it.
public struct LastMessage: Sendable, Equatable {
    public let id: MessageID
    public let seq: UInt64
    public let senderID: UserID
    public let text: String
    public let createdAt: Timestamp
    /// The position of the message's last change, or its own where there is none.
    public let changed: Position

    public init(
        id: MessageID, seq: UInt64, senderID: UserID, text: String, createdAt: Timestamp, changed: Position? = nil
    ) {
        self.id = id
        self.seq = seq
        self.senderID = senderID
        self.text = text
        self.createdAt = createdAt
        self.changed = changed ?? Position(seq: seq)
    }
}

/// A user's place in a room.
public struct Participant: Sendable, Equatable {
    public let userID: UserID
    public let role: Role
    public let joinedAt: Timestamp
    /// The room's `lastSeq` when the user joined: earlier history is not theirs to read.
    public let joinedSeq: UInt64
    /// The number up to which the user has read; it only grows.
    public let lastReadSeq: UInt64
    public let favorite: Bool
    public let muted: Bool
    /// The user's name in this room, where it differs.
    public let nickname: String?

    public init(
        userID: UserID, role: Role, joinedAt: Timestamp, joinedSeq: UInt64, lastReadSeq: UInt64,
        favorite: Bool = false, muted: Bool = false, nickname: String? = nil
    ) {
        self.userID = userID
        self.role = role
        self.joinedAt = joinedAt
        self.joinedSeq = joinedSeq
        self.lastReadSeq = lastReadSeq
        self.favorite = favorite
        self.muted = muted
        self.nickname = nickname
    }
}

/// The rules that a room is made by.
public enum RoomRules {
    /// A title's length in characters, after trimming.
    public static let titleLength = 1...100
    /// Participants of one room, its maker included.
    public static let maxParticipants = 10_000
    /// When one whom a room refused because too much waits in it is asked to try again, ms: a persister that goes on
    /// has stored some thousand messages by then.
    public static let busyRetryMilliseconds = 1000

    /// The title trimmed.
    /// - Throws: `Refusal` naming `title` where its length is outside `titleLength`.
    public static func title(_ text: String) throws(Refusal) -> String {
        let trimmed = text.trimmed()
        guard titleLength.contains(trimmed.count) else { throw .invalid("title", "1 to 100 characters after trimming") }
        return trimmed
    }
}
