import Domain

/// A change of a message as the log tells it: with the whole message as it is afterwards, so that nobody has to know how
/// it was before.
public struct MessageChange: Sendable, Equatable {
    /// What was done.
    public enum Kind: String, Sendable, CaseIterable {
        case edit
        case delete
        case react
        case unreact
    }

    public let kind: Kind
    /// Who did it; user 0 where it was the persister.
    public let actorID: UserID
    public let id: MessageID
    public let seq: UInt64
    public let senderID: UserID
    /// nil in what the room itself says, and in a tombstone.
    public let tempID: TempID?
    /// When the message was sent.
    public let createdAt: Timestamp
    /// When its text was last edited; nil where it is as it was sent.
    public let editedAt: Timestamp?
    public let isDeleted: Bool
    /// Whether the message was in MongoDB when it was changed.
    public let isStored: Bool
    /// The JSON members of the message, without braces: content, references, mentions, reactions.
    public let members: [UInt8]

    public init(
        kind: Kind, actorID: UserID, id: MessageID, seq: UInt64, senderID: UserID, tempID: TempID?,
        createdAt: Timestamp, editedAt: Timestamp?, isDeleted: Bool, isStored: Bool, members: [UInt8]
    ) {
        self.kind = kind
        self.actorID = actorID
        self.id = id
        self.seq = seq
        self.senderID = senderID
        self.tempID = tempID
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.isDeleted = isDeleted
        self.isStored = isStored
        self.members = members
    }
}
