import Domain

/// One entry of a room's log.
public struct LogEntry: Sendable, Equatable {
    public let position: Position
    /// The position of the entry before it: a reader that is elsewhere has missed something.
    public let previous: Position
    public let createdAt: Timestamp
    public let event: Event
    /// Where its message is traced: the span that put it into the log.
    public let trace: TraceContext?

    /// What the entry says.
    public enum Event: Sendable, Equatable {
        /// A message; its JSON members are as in `OutgoingMessage`.
        case message(id: MessageID, senderID: UserID, tempID: TempID, members: [UInt8])
        /// The room itself says something, and its membership changed with it. `members` are JSON members.
        case membership(id: MessageID, actorID: UserID, change: MembershipChange, members: [UInt8])
        /// A message that is already in the log was changed.
        case changed(MessageChange)
        /// The message `id` of `senderID` will never be stored.
        case failed(id: MessageID, senderID: UserID, tempID: TempID, code: ErrorCode)
        /// An entry that this release cannot read; it is passed over and counted.
        case unreadable(String)
    }

    public init(
        position: Position, previous: Position, createdAt: Timestamp, event: Event, trace: TraceContext? = nil
    ) {
        self.position = position
        self.previous = previous
        self.createdAt = createdAt
        self.event = event
        self.trace = trace
    }
}

/// A change of who is in a room.
public struct MembershipChange: Sendable, Equatable {
    /// What happened to the users.
    public enum Kind: String, Sendable {
        case invited = "INVITE"
        case left = "LEAVE"
        case kicked = "KICK"
    }

    public let kind: Kind
    public let userIDs: [UserID]
    /// The room's membership version after it.
    public let version: UInt64

    public init(kind: Kind, userIDs: [UserID], version: UInt64) {
        self.kind = kind
        self.userIDs = userIDs
        self.version = version
    }
}
