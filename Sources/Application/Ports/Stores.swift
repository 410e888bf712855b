import Domain

/// Why a store did not do what it was asked.
public enum StoreError: Error, Sendable, Equatable {
    /// The server is out of reach or asks to try again: nothing is known to be wrong with the request.
    case unavailable(String)
    /// The server refused the request itself.
    case failed(String)

    /// The server's words.
    public var cause: String {
        switch self {
        case .unavailable(let cause), .failed(let cause): cause
        }
    }
}

/// Part of a list, and where the next part begins.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// What to ask for the next page with; nil at the end.
    public let nextCursor: String?

    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// A room as one of its participants sees it in a list.
public struct RoomSummary: Sendable, Equatable {
    public let room: Room
    /// The first participants of the room, at most `RoomSummary.maxParticipants`.
    public let participants: [Participant]
    /// The asking user's own place in it.
    public let own: Participant

    /// How many participants a summary shows.
    public static let maxParticipants = 100

    /// Messages that the user has not read.
    public var unreadCount: UInt64 { room.lastSeq > own.lastReadSeq ? room.lastSeq - own.lastReadSeq : 0 }

    public init(room: Room, participants: [Participant], own: Participant) {
        self.room = room
        self.participants = participants
        self.own = own
    }
}

/// Rooms and who is in them, kept in MongoDB. Every read is of the primary at majority.
public protocol RoomStore: Sendable {
    /// Makes a group room, all of it or nothing; the maker is its owner and among `participantIDs` or not.
    func createGroup(
        id: RoomID, title: String, owner: UserID, participantIDs: [UserID], at time: Timestamp
    ) async throws(StoreError) -> Room

    /// The room of a pair of users, made where there is none; `created` says which. One room per pair, always.
    func individualRoom(
        id: RoomID, between first: UserID, and second: UserID, at time: Timestamp
    ) async throws(StoreError) -> (room: Room, created: Bool)

    /// A room with the asking user's place in it; nil where there is no such room or the user is not in it.
    func room(_ id: RoomID, for user: UserID) async throws(StoreError) -> RoomSummary?

    /// The user's rooms, newest activity first. A cursor that is not one of ours begins at the start.
    func rooms(of user: UserID, limit: Int, cursor: String?) async throws(StoreError) -> Page<RoomSummary>

    /// The participants of a room in order of their ids; the cursor is the last id of the page before.
    func participants(of room: RoomID, limit: Int, cursor: String?) async throws(StoreError) -> Page<Participant>

    /// A room's kind; nil where there is no such room.
    func type(of room: RoomID) async throws(StoreError) -> RoomType?

    /// The user's place in a room, nil where there is none.
    func participant(_ user: UserID, of room: RoomID) async throws(StoreError) -> Participant?

    /// What the user may read of a room; nil where there is no such room or the user is not in it.
    func readableRange(of room: RoomID, for user: UserID) async throws(StoreError) -> ReadableRange?

    /// What Redis has to know of a room that it does not hold; nil where there is no such room.
    func warmState(of room: RoomID) async throws(StoreError) -> WarmState?

    /// How far each of these rooms is stored; those that there are not are left out.
    func heads(of rooms: [RoomID]) async throws(StoreError) -> [RoomID: RoomHead]
}

/// What of a room has to be the same in MongoDB and in Redis before it may be in MongoDB only.
public struct RoomHead: Sendable, Equatable {
    public let epoch: UInt64
    /// The position of the newest entry; in MongoDB: everything up to there is stored.
    public let last: Position
    public let membershipVersion: UInt64

    public init(epoch: UInt64, last: Position, membershipVersion: UInt64) {
        self.epoch = epoch
        self.last = last
        self.membershipVersion = membershipVersion
    }
}

/// Which of a room's messages a user may read.
public struct ReadableRange: Sendable, Equatable {
    /// Messages above this number: it is the room's last when the user joined.
    public let joinedSeq: UInt64
    /// Messages up to this number: the newest stored one.
    public let lastSeq: UInt64

    public init(joinedSeq: UInt64, lastSeq: UInt64) {
        self.joinedSeq = joinedSeq
        self.lastSeq = lastSeq
    }
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
