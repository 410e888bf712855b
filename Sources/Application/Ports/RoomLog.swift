import Domain

/// A message on its way into a room's log.
public struct OutgoingMessage: Sendable {
    /// Given by the gateway that accepted it.
    public let id: MessageID
    public let senderID: UserID
    /// The sender's idempotency key.
    public let tempID: TempID
    /// The JSON members that the sender determined, validated, without braces: `"content":{…},"mentions":[…]`.
    public let members: [UInt8]
    /// Where it is traced: the span that its readers' spans are below.
    public let trace: TraceContext?
    /// Why it is refused unless it is a repeat, which gets its first answer at any limit; nil: it may go in.
    public var onlyIfRepeat: PublishRefusal?

    public init(id: MessageID, senderID: UserID, tempID: TempID, members: [UInt8], trace: TraceContext? = nil) {
        self.id = id
        self.senderID = senderID
        self.tempID = tempID
        self.members = members
        self.trace = trace
    }
}

/// What became of one message that was offered to the log.
public enum PublishOutcome: Sendable, Equatable {
    /// It is in the log, under this id and number. For a repeat of a `tempId`: where the first one is.
    case inLog(id: MessageID, seq: UInt64, createdAt: Timestamp)
    /// It is in the log, and too few replicas of Redis have it: a fail-over may lose it.
    case unconfirmed
    /// It is not in the log, for this reason.
    case refused(PublishRefusal)
    /// It is not in the log: the room has had as many messages in this minute as it may.
    case overRate(retryAfterMilliseconds: Int)
}

/// Why a message is not taken into a room's log.
public enum PublishRefusal: String, Sendable {
    /// Its sender is not in the room.
    case notParticipant = "NOT_PARTICIPANT"
    /// The room has as many messages that are not stored yet as it may.
    case backlog = "BACKLOG"
    /// Redis has little memory left.
    case memory = "MEMORY"
    /// Its sender has sent as many messages in this minute as they may.
    case userRate = "USER_RATE"
}

/// What a gateway learns when it opens a room, all of one moment.
public struct RoomOpening: Sendable, Equatable {
    public let epoch: UInt64
    /// The end of the log.
    public let last: Position
    /// Everything up to here is in MongoDB.
    public let saved: Position
    /// Counts the changes of membership.
    public let membershipVersion: UInt64
    /// The asking user's role; nil for one who is not a participant.
    public let role: Role?
    /// The room's last number when that user joined; 0 for one who is not a participant.
    public let joinedSeq: UInt64

    public init(
        epoch: UInt64, last: Position, saved: Position, membershipVersion: UInt64, role: Role?, joinedSeq: UInt64 = 0
    ) {
        self.epoch = epoch
        self.last = last
        self.saved = saved
        self.membershipVersion = membershipVersion
        self.role = role
        self.joinedSeq = joinedSeq
    }
}

/// A room as MongoDB knows it, to put it back into Redis.
public struct WarmState: Sendable, Equatable {
    public let epoch: UInt64
    /// The position of the newest thing stored.
    public let last: Position
    /// When the newest message was sent: the room's clock goes on from there.
    public let lastMessageAt: Timestamp
    public let membershipVersion: UInt64
    public let members: [Member]

    /// A participant as the log's scripts know one.
    public struct Member: Sendable, Equatable {
        public let userID: UserID
        public let role: Role
        public let joinedSeq: UInt64

        public init(userID: UserID, role: Role, joinedSeq: UInt64) {
            self.userID = userID
            self.role = role
            self.joinedSeq = joinedSeq
        }
    }

    public init(
        epoch: UInt64, last: Position, lastMessageAt: Timestamp = Timestamp(milliseconds: 0),
        membershipVersion: UInt64, members: [Member]
    ) {
        self.epoch = epoch
        self.last = last
        self.lastMessageAt = lastMessageAt
        self.membershipVersion = membershipVersion
        self.members = members
    }
}

/// Taken before a room is read from MongoDB, and given with what was read: it tells whether the room has been in Redis,
/// changed, and been taken out again meanwhile.
public struct WarmTicket: Sendable, Equatable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A room's log from a position on.
public struct LogTail: Sendable, Equatable {
    /// The end of the log. Where no entries come before it, they are in the store only.
    public let last: Position
    /// In order; not all of them where there are many.
    public let entries: [LogEntry]

    public init(last: Position, entries: [LogEntry]) {
        self.last = last
        self.entries = entries
    }
}

/// Why the log did not answer.
public enum RoomLogError: Error, Sendable, Equatable {
    /// The room's keys are not in Redis: load them from MongoDB, then ask again.
    case cold
    /// What is to be put into Redis may be older than what has been there since it was read: read it again.
    case stale
    /// This gateway's consumer group is gone from the room: open it again.
    case noGroup
    /// Redis is out of reach and nothing was done.
    case unavailable
    /// The request was sent and no answer came: it may or may not have been done.
    case outcomeUnknown
    /// Redis answered with an error.
    case failed(String)
}

/// What a ring says about a room.
public enum Ring: Sendable, Equatable {
    /// The log has grown up to here.
    case appended(Position)
    /// The persister has begun with everything up to here.
    case processing(Position)
    /// Everything up to here is in MongoDB.
    case saved(Position)
    /// A user types, or has stopped.
    case typing(UserID, Bool)
}

/// How often typing is told.
public enum TypingLimits {
    /// Between two things that a room is told of one user's typing, from whichever gateways, ms.
    public static let pauseMilliseconds: UInt64 = 1000
}

/// What became of telling a room that somebody types.
public enum TypingOutcome: Sendable, Equatable {
    /// All gateways with the room open are told.
    case told
    /// The user is not in the room.
    case notParticipant
    /// The room was told something of this user a moment ago, from wherever.
    case tooSoon(milliseconds: UInt64)
}

/// A gateway's side of the room logs in Redis.
///
/// Confined to the loop that it was made on; completions come on that loop.
public protocol RoomLog: AnyObject {
    /// Called with every ring of a room that is open, and with nil when rings of that room may have been missed.
    var onRing: ((RoomID, Ring?) -> Void)? { get set }

    /// Whether what is read comes behind what was published before, on the way to Redis.
    var readsFollowPublishes: Bool { get }

    /// Appends messages to a room's log in one step, in order; each inner array goes in whole or not at all. The
    /// outcomes come flat, one for each message.
    func publish(
        _ units: [[OutgoingMessage]], to room: RoomID,
        completion: @escaping (Result<[PublishOutcome], RoomLogError>) -> Void)

    /// Listens for the room's rings; `completion` comes when Redis has confirmed it.
    func listen(to room: RoomID, completion: @escaping (Result<Void, RoomLogError>) -> Void)

    /// Makes this gateway's consumer group on the room (at its end, where it is not there yet) and reads its state.
    func open(_ room: RoomID, for user: UserID, completion: @escaping (Result<RoomOpening, RoomLogError>) -> Void)

    /// Reads what is new for this gateway's group in each of `rooms`, all in one round trip.
    func read(_ rooms: [RoomID], each: @escaping (RoomID, Result<[LogEntry], RoomLogError>) -> Void)

    /// Reads entries after `position`, at most `limit`, and leaves the group alone.
    func entries(
        of room: RoomID, after position: Position, limit: Int,
        completion: @escaping (Result<[LogEntry], RoomLogError>) -> Void)

    /// Reads entries after `position`, whatever the group has read, and sets the group to the last one read; makes the
    /// group where it is gone.
    func reread(
        _ room: RoomID, after position: Position, completion: @escaping (Result<LogTail, RoomLogError>) -> Void)

    /// What `warm` has to be given; to be had before the room is read from MongoDB.
    func warmTicket(for room: RoomID, completion: @escaping (Result<WarmTicket, RoomLogError>) -> Void)

    /// Puts a room into Redis that is not there; one that is there already stays as it is. Fails with `stale` where the
    /// room may have changed since it was read.
    func warm(
        _ room: RoomID, with state: WarmState, ticket: WarmTicket,
        completion: @escaping (Result<Void, RoomLogError>) -> Void)

    /// Tells all gateways with the room open that a user types or has stopped. It may be lost, and the log knows nothing
    /// of it.
    func tellTyping(
        _ isTyping: Bool, of user: UserID, in room: RoomID,
        completion: @escaping (Result<TypingOutcome, RoomLogError>) -> Void)

    /// Stops listening and takes this gateway's group away; `completion` comes when that is done, or cannot be.
    func close(_ room: RoomID, completion: @escaping () -> Void)

    /// Takes away what else this gateway has in Redis; it is the last call.
    func end(completion: @escaping () -> Void)
}
