import Domain

/// An entry of a room's log, as the persister stores it.
public struct ClaimedEntry: Sendable, Equatable {
    public let position: Position
    public let event: Event
    /// Where its message is traced: the span that put it into the log.
    public let trace: TraceContext?

    /// What is to be stored.
    public enum Event: Sendable, Equatable {
        case message(Message)
        /// What the room itself says, and who came or went.
        case membership(Message, MembershipChange)
        /// Already dealt with: it was the persister that said so.
        case failed
        /// An entry that can't be read; its cause. Where it has a number of its own, a placeholder keeps it.
        case unreadable(String)
    }

    public init(position: Position, event: Event, trace: TraceContext? = nil) {
        self.position = position
        self.event = event
        self.trace = trace
    }
}

/// A room that a worker holds, with what it has to store of it.
public struct ClaimedRoom: Sendable {
    public let id: RoomID
    /// In order of the log.
    public let entries: [ClaimedEntry]

    public init(id: RoomID, entries: [ClaimedEntry]) {
        self.id = id
        self.entries = entries
    }
}

/// What a claim came to. A room whose lock was lost before it was read is in neither part.
public struct Claim: Sendable {
    /// The rooms that are the caller's.
    public var rooms: [ClaimedRoom]
    /// Rooms that are the caller's as well, but whose log Redis refuses to read.
    public var unreadable: [RoomID]

    public init(rooms: [ClaimedRoom] = [], unreadable: [RoomID] = []) {
        self.rooms = rooms
        self.unreadable = unreadable
    }
}

/// What a worker reports of a room that it claimed.
public struct FinishedRoom: Sendable {
    public let id: RoomID
    /// Everything up to here is in MongoDB; nil where nothing was stored.
    public let saved: Position?
    /// The entries that are done with.
    public let acknowledged: [Position]
    /// How long to leave the room alone, ms.
    public let retryAfterMilliseconds: UInt64

    public init(id: RoomID, saved: Position?, acknowledged: [Position], retryAfterMilliseconds: UInt64 = 0) {
        self.id = id
        self.saved = saved
        self.acknowledged = acknowledged
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// A room of which nothing was stored and that is to be left alone for so long.
    public init(postponed id: RoomID, byMilliseconds delay: UInt64) {
        self.init(id: id, saved: nil, acknowledged: [], retryAfterMilliseconds: delay)
    }
}

/// The persister's side of the room logs in Redis. Each call is one or two pipelined round trips for all its rooms.
public protocol PersistLog: Sendable {
    /// Into how many shards the rooms fall.
    var shards: Int { get }

    /// Claims rooms of these shards that have something to store, under `token`, for the length of a lease, and reads
    /// what each has: what an earlier claim left over first. The more rooms, the less is read of each.
    func claim(shards: [Int], token: String) async throws(RoomLogError) -> Claim

    /// Tells the rooms' subscribers how far the persister has begun. It may be lost.
    func announceProcessing(_ rooms: [(id: RoomID, upTo: Position)])

    /// Says in the room's log that a message will never be stored, and forgets its temp id.
    func fail(_ message: Message, code: ErrorCode, token: String) async throws(RoomLogError)

    /// Ends claims; gives the rooms whose claim had been lost meanwhile, or that Redis refused to end it for.
    func finish(_ rooms: [FinishedRoom], token: String) async throws(RoomLogError) -> [RoomID]
}
