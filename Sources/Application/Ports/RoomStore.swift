import Domain

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
