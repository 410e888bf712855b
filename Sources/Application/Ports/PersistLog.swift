import Domain

/// An entry of a room's log, as the persister stores it.
public struct ClaimedEntry: Sendable, Equatable {
    public let position: Position
    public let event: Event
    /// Where its message is traced: the span that put it into the log.
    public let trace: TraceContext?
    /// What a dead letter keeps of it: a message's JSON members; of an entry that can't be read all fields, a line each.
    public let raw: [UInt8]

    /// What is to be stored.
    public enum Event: Sendable, Equatable {
        case message(Message)
        /// What the room itself says, and who came or went.
        case membership(Message, MembershipChange)
        /// An earlier message as it is after a change.
        case changed(Message)
        /// Already dealt with: it was the persister that said so.
        case failed
        /// An entry that can't be read; its cause, and whose it is where that much could be read. It becomes a dead
        /// letter.
        case unreadable(String, of: EntryOrigin? = nil)
    }

    public init(position: Position, event: Event, trace: TraceContext? = nil, raw: [UInt8] = []) {
        self.position = position
        self.event = event
        self.trace = trace
        self.raw = raw
    }
}

/// Whose message an entry is.
public struct EntryOrigin: Sendable, Equatable {
    public let messageID: MessageID
    public let senderID: UserID
    /// nil for what the room itself says.
    public let tempID: TempID?
    public let createdAt: Timestamp

    public init(messageID: MessageID, senderID: UserID, tempID: TempID?, createdAt: Timestamp) {
        self.messageID = messageID
        self.senderID = senderID
        self.tempID = tempID
        self.createdAt = createdAt
    }
}

/// A room that a worker holds, with what it has to store of it.
public struct ClaimedRoom: Sendable {
    public let id: RoomID
    /// In order of the log.
    public let entries: [ClaimedEntry]
    /// How often storing an entry has failed so far, for those that it has.
    public let tries: [Position: [FailedTry]]
    /// Three workers ended without finishing its first entry, which may have been the end of them: only few entries come,
    /// at first that one alone, and no other room is to be stored along with it.
    public let isSuspect: Bool

    public init(
        id: RoomID, entries: [ClaimedEntry], tries: [Position: [FailedTry]] = [:], isSuspect: Bool = false
    ) {
        self.id = id
        self.entries = entries
        self.tries = tries
        self.isSuspect = isSuspect
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
    /// The entries that were claimed as well and go back in good order: nobody died of them.
    public let returned: [Position]
    /// How long to leave the room alone, ms.
    public let retryAfterMilliseconds: UInt64

    public init(
        id: RoomID, saved: Position?, acknowledged: [Position], returned: [Position] = [],
        retryAfterMilliseconds: UInt64 = 0
    ) {
        self.id = id
        self.saved = saved
        self.acknowledged = acknowledged
        self.returned = returned
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// A room of which nothing was stored and that is to be left alone for so long.
    public init(postponed id: RoomID, returned: [Position] = [], byMilliseconds delay: UInt64) {
        self.init(id: id, saved: nil, acknowledged: [], returned: returned, retryAfterMilliseconds: delay)
    }
}

/// The persister's side of the room logs in Redis. Each call is one or two pipelined round trips for all its rooms.
public protocol PersistLog: Sendable {
    /// Into how many shards the rooms fall.
    var shards: Int { get }

    /// The shard of a room.
    func shard(of room: RoomID) -> Int

    /// Claims rooms of these shards that have something to store, under `token`, for the length of a lease, and reads
    /// what each has: what an earlier claim left over first. The more rooms, the less is read of each.
    func claim(shards: [Int], token: String) async throws(RoomLogError) -> Claim

    /// Tells the rooms' subscribers how far the persister has begun. It may be lost.
    func announceProcessing(_ rooms: [(id: RoomID, upTo: Position)])

    /// Counts that storing these entries has failed. Gives all tries of each so far; nil where the room is not the
    /// caller's any more, and nothing was counted.
    func count(_ failures: [FailedEntry], token: String) async throws(RoomLogError) -> [[FailedTry]?]

    /// Says of each in its room's log that it will never be stored, forgets its temp id, and puts it into the shard's
    /// stream of dead letters; once, however often it is called, and not at all where the room is not the caller's.
    func bury(_ letters: [DeadLetter], code: ErrorCode, token: String) async throws(RoomLogError)

    /// Says in the room's log that a message is a late repeat of `first` and has become a tombstone; once only, however
    /// often it is asked.
    func tellRepeat(_ message: Message, of first: MessageID, token: String) async throws(RoomLogError)

    /// Ends claims; gives the rooms whose claim had been lost meanwhile, or that Redis refused to end it for.
    func finish(_ rooms: [FinishedRoom], token: String) async throws(RoomLogError) -> [RoomID]
}
