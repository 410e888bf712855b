/// A message as it is stored and read back.
public struct Message: Sendable, Equatable {
    public let id: MessageID
    public let roomID: RoomID
    /// The room's number for it, from 1, without gaps.
    public let seq: UInt64
    public let senderID: UserID
    /// The sender's own id for it; nil for what the room itself says.
    public let tempID: TempID?
    public let content: MessageContent
    /// The message that this one answers.
    public let replyTo: MessageID?
    /// The thread that this one belongs to.
    public let threadID: MessageID?
    public let mentions: [UserID]
    public let createdAt: Timestamp
    /// Deleted for all, or a placeholder: nothing is left of its content.
    public let isDeleted: Bool
    /// Where this is a late repeat: the message that it repeats.
    public let duplicateOf: MessageID?
    /// In the order that their signs were first used.
    public let reactions: [Reaction]
    /// When its text was last edited; nil where it is as it was sent.
    public let editedAt: Timestamp?
    /// When anything about it last changed; nil where nothing has.
    public let updatedAt: Timestamp?
    /// The position of its last change, or its own where there is none: what is newer goes before what is older.
    public let changed: Position

    /// Whether it stands for what could not be stored: one that was deleted keeps its `tempID`.
    public var isPlaceholder: Bool { isDeleted && tempID == nil }

    public init(
        id: MessageID, roomID: RoomID, seq: UInt64, senderID: UserID, tempID: TempID?, content: MessageContent,
        replyTo: MessageID? = nil, threadID: MessageID? = nil, mentions: [UserID] = [], createdAt: Timestamp,
        isDeleted: Bool = false, duplicateOf: MessageID? = nil, reactions: [Reaction] = [],
        editedAt: Timestamp? = nil, updatedAt: Timestamp? = nil, changed: Position? = nil
    ) {
        self.id = id
        self.roomID = roomID
        self.seq = seq
        self.senderID = senderID
        self.tempID = tempID
        self.content = content
        self.replyTo = replyTo
        self.threadID = threadID
        self.mentions = mentions
        self.createdAt = createdAt
        self.isDeleted = isDeleted
        self.duplicateOf = duplicateOf
        self.reactions = reactions
        self.editedAt = editedAt
        self.updatedAt = updatedAt
        self.changed = changed ?? Position(seq: seq)
    }
}

/// How far a message has come; told to its sender, each step at most once and never backwards.
public enum MessageStatus: String, Sendable {
    /// Accepted from the socket.
    case sending = "SENDING"
    /// In the room log: it will not be lost.
    case sentToStream = "SENT_TO_STREAM"
    /// The persister has it.
    case processing = "PROCESSING"
    /// In MongoDB, on a majority.
    case saved = "SAVED"
    /// Not sent, or not storable; the reason goes with it.
    case failed = "FAILED"
    /// Redis was cut off between request and reply: sending again with the same `tempId` is safe and tells.
    case outcomeUnknown = "OUTCOME_UNKNOWN"
}
