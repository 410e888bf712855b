import Application
import Domain
import EventLoop

/// Asks a room to serve a subscription.
struct SubscribeRequest: Sendable {
    let key: SubscriptionKey
    let room: RoomID
    let user: UserID
    let topic: Subscription.Topic
    let subscription: LoopBound<Subscription>
    /// What follows this position is to be told first; nil: it begins at the present.
    let resumeAfter: Position?
    /// Until when, in the loop's milliseconds, a room log that is out of reach is asked again.
    let deadline: UInt64
    /// Told on the hub's loop when the room refuses.
    let refused: @Sendable (Refusal) -> Void
    /// The room's last number when the user joined, once the room has told.
    var joinedSeq: UInt64 = 0

    /// The same, from another position.
    func resuming(after position: Position) -> SubscribeRequest {
        SubscribeRequest(
            key: key, room: room, user: user, topic: topic, subscription: subscription, resumeAfter: position,
            deadline: deadline, refused: refused)
    }
}

/// A room that this gateway reads, as its hub sees it. Confined to the hub's loop.
final class OpenRoom {
    enum Phase {
        /// Redis has not confirmed yet that rings will come.
        case listening
        /// Rings come; the group and with it the cursor are not there yet.
        case opening
        case live
    }

    let id: RoomID
    var phase = Phase.listening
    var epoch: UInt64 = 1
    /// The position of the last entry that was handed out: the truth of what this gateway has read.
    var cursor = Position.zero
    var membershipVersion: UInt64 = 0
    /// The end of the log as far as it has been heard of.
    var rung = Position.zero
    /// The same, as of when the log was last asked for what is new.
    var expected = Position.zero
    /// Whether what lost rings may hide is being looked for.
    enum LookingAfter {
        case no
        case underWay
        /// Rings may have been lost since that began.
        case again
    }

    var lookingAfter = LookingAfter.no
    /// Meanwhile a ring has told of a saved position.
    var hasPassedOverSaved = false
    /// What lost rings may hide could not be looked for.
    var isOverdue = false
    /// A read of the log is under way; a ring meanwhile asks for another.
    var isReading = false
    var isRung = false
    var trail = StatusTrail()
    /// How many status subscriptions each user has here.
    private(set) var watchers: [UserID: Int] = [:]
    /// Requests to be made when rings come.
    var requests: [SubscribeRequest] = []
    /// Subscriptions that begin when the cursor is there.
    private var beginning: [(at: Position, request: SubscribeRequest)] = []
    /// Subscriptions that are told what they missed, until they begin.
    var backfills: [SubscriptionKey: Backfill] = [:]
    /// Those of them that wait for a page, in turn.
    var queuedBackfills: [SubscriptionKey] = []
    /// A page is being read for them, or the room is in line for one.
    var isBackfilling = false
    /// The subscriptions here, those that are still to begin included.
    private var held: [SubscriptionKey: (user: UserID, topic: Subscription.Topic)] = [:]
    /// How many of them each loop has.
    private var counts: [Int]
    /// What was told beyond the cursor, where a gap was filled out of the store.
    var ahead = ToldAhead()
    /// A gap is being filled: what was told of it is behind the cursor only at its end.
    var isFilling = false
    /// Saved positions that rings told of, each to be told when the cursor is where the log ended at that time: a failure
    /// that was logged before goes first.
    private var savedMarks: [(saved: UInt64, once: Position)] = []

    init(id: RoomID, loops: Int) {
        self.id = id
        counts = Array(repeating: 0, count: loops)
    }

    /// No loop has a subscription here, or asks for one.
    var isUnused: Bool { held.isEmpty }

    /// The loops that have subscriptions here.
    var loops: [Int] { counts.indices.filter { counts[$0] > 0 } }

    func retain(_ request: SubscribeRequest) {
        held[request.key] = (request.user, request.topic)
        counts[request.key.loop] += 1
        if request.topic == .status {
            watchers[request.user, default: 0] += 1
        }
    }

    /// Whether the subscription has not left since it asked.
    func holds(_ key: SubscriptionKey) -> Bool { held[key] != nil }

    /// Lets a subscription go; false where it is not here (any more).
    func release(_ key: SubscriptionKey) -> Bool {
        guard let subscription = held.removeValue(forKey: key) else { return false }
        counts[key.loop] -= 1
        if subscription.topic == .status, let count = watchers[subscription.user] {
            watchers[subscription.user] = count == 1 ? nil : count - 1
        }
        beginning.removeAll { $0.request.key == key }
        requests.removeAll { $0.key == key }
        backfills[key] = nil
        return true
    }

    /// Notes that everything up to `saved` is stored, which is told once the cursor has come to `position`.
    func mark(saved: UInt64, once position: Position) {
        if savedMarks.count == GatewayLimits.maxSavedMarks {
            savedMarks.removeLast()
        }
        savedMarks.append((saved, position))
    }

    /// The newest saved position that may be told now.
    func takeSaved() -> UInt64? {
        let ripe = savedMarks.lazy.filter { $0.once <= self.cursor }.map(\.saved).max()
        savedMarks.removeAll { $0.once <= cursor }
        return ripe
    }

    /// Lets a subscription begin at `position`.
    func begin(_ request: SubscribeRequest, at position: Position) {
        beginning.append((position, request))
    }

    /// The backfill whose turn it is to get a page.
    func nextBackfill() -> Backfill? {
        while !queuedBackfills.isEmpty {
            if let backfill = backfills[queuedBackfills.removeFirst()] { return backfill }
        }
        return nil
    }

    /// Takes some of the waiting backfills that stand among these entries, which follow `start`.
    func takeBackfills(from start: Position, through entries: [LogEntry]) -> [Backfill] {
        guard let end = entries.last?.position else { return [] }
        var taken: [Backfill] = []
        queuedBackfills.removeAll { key in
            guard taken.count < GatewayLimits.backfillsPerPage, let backfill = backfills[key],
                backfill.walk == nil, backfill.position >= start, backfill.position < end
            else { return false }
            taken.append(backfill)
            return true
        }
        return taken
    }

    /// The users' places in the room end at this position: what is told to them ends there. Who was found to be in the room
    /// later than that has been let in again.
    func endBackfills(at position: Position, code: String, where isEnded: (UserID) -> Bool) {
        for backfill in backfills.values
        where backfill.ending == nil && backfill.verified < position && isEnded(backfill.request.user) {
            backfill.ending = (position, code)
        }
    }

    /// Takes those subscriptions of these users that wait to begin, and were let in before `position`, where the users'
    /// places end. What a backfill waits for ends by `endBackfills`.
    func takeWaiting(before position: Position, where isEnded: (UserID) -> Bool) -> [SubscribeRequest] {
        func isTaken(_ waiting: (at: Position, request: SubscribeRequest)) -> Bool {
            waiting.at < position && isEnded(waiting.request.user) && backfills[waiting.request.key] == nil
        }
        defer { beginning.removeAll(where: isTaken) }
        return beginning.filter(isTaken).map(\.request)
    }

    /// Takes those subscriptions whose beginning the cursor has reached, each to be asked for again from where it stands.
    func takeOvertaken() -> [SubscribeRequest] {
        let overtaken = beginning.filter { $0.at <= cursor }.map(\.request)
        beginning.removeAll { $0.at <= cursor }
        return overtaken.map { request in
            backfills[request.key].map { request.resuming(after: $0.position) } ?? request
        }
    }

    /// Takes those subscriptions whose beginning the cursor has reached.
    func takeBeginning() -> [SubscribeRequest] {
        guard !beginning.isEmpty, !isFilling, cursor >= ahead.end else { return [] }
        let ready = beginning.filter { $0.at <= cursor }.map(\.request)
        beginning.removeAll { $0.at <= cursor }
        return ready
    }
}
