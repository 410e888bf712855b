import Domain

/// Messages, kept in MongoDB. Writes are on a majority and journaled when they return.
public protocol MessageStore: Sendable {
    /// Stores messages, each with an outcome of its own, in the order given.
    func insert(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome]

    /// Stores messages and advances rooms to them, all of it or nothing, at half the cost of one after the other. False
    /// where anything speaks against one of the messages: nothing is done then, and `insert` tells what. Not for rooms
    /// whose membership changes.
    func storeAtOnce(_ messages: [Message], advancing rooms: [RoomProgress]) async throws(StoreError) -> Bool

    /// Makes messages what they are after a change, each with an outcome of its own: one that is no news changes nothing.
    func change(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome]

    /// Advances rooms to what has been stored, changes of messages included; never takes anything back.
    func advance(_ rooms: [RoomProgress]) async throws(StoreError)
}

/// What became of one message that was to be stored.
public enum StoreOutcome: Sendable, Equatable {
    /// Stored now, or by an earlier try.
    case stored
    /// Its `tempId` had been stored before, under this id: a tombstone is stored in its place.
    case duplicate(of: MessageID)
    /// It had been stored before, at another number: a placeholder keeps this one.
    case storedElsewhere
    /// MongoDB refuses this very document.
    case rejected(String)

    /// Whether MongoDB refuses it.
    public var isRejected: Bool {
        if case .rejected = self { true } else { false }
    }
}

/// How far a room has come in MongoDB.
public struct RoomProgress: Sendable {
    public let roomID: RoomID
    /// The position of the newest entry applied.
    public let position: Position
    /// The newest message among them; nil where there was none.
    public let lastMessage: LastMessage?
    /// For each sender, the number of their newest message: sending is reading.
    public let readBySenders: [UserID: UInt64]
    /// Changes of who is in the room, in order of the log.
    public let membership: [AppliedMembership]
    /// The messages among them that were changed, each as it is after its last change.
    public let changes: [Message]

    public init(
        roomID: RoomID, position: Position, lastMessage: LastMessage?, readBySenders: [UserID: UInt64],
        membership: [AppliedMembership] = [], changes: [Message] = []
    ) {
        self.roomID = roomID
        self.position = position
        self.lastMessage = lastMessage
        self.readBySenders = readBySenders
        self.membership = membership
        self.changes = changes
    }
}

/// A change of membership with the place and time that it happened at.
public struct AppliedMembership: Sendable {
    public let change: MembershipChange
    public let seq: UInt64
    public let at: Timestamp

    public init(change: MembershipChange, seq: UInt64, at: Timestamp) {
        self.change = change
        self.seq = seq
        self.at = at
    }
}
