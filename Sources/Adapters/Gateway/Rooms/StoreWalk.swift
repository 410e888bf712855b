import Application
import Domain

/// The way from one place in a room to a later one by what MongoDB has, page by page, for whom the log no longer reaches
/// back to: first the older messages that were changed in between, then those that were sent, each as it is now.
///
/// This order makes the place of each message one to resume from: what was changed before it has been told. A message
/// whose last change lies behind the end of the way is left out of the changed ones, since what follows the end tells
/// it; one that was sent on the way can't be left out, and what it is ahead of the end has to be remembered (`ToldAhead`).
struct StoreWalk: Sendable {
    /// Everything up to here is known to whoever walks.
    let start: Position
    /// Everything up to here is known to them afterwards.
    let end: Position
    /// Messages up to this number are not theirs to know.
    private let floor: UInt64
    private var changesTold: Position
    private var seqTold: UInt64
    private var isPastChanges: Bool

    /// The way from `start` to `end`, up to which everything has to be stored, for who joined at `floor`.
    init(from start: Position, to end: Position, above floor: UInt64) {
        self.start = start
        self.end = end
        self.floor = floor
        changesTold = start
        seqTold = start.seq
        isPastChanges = floor >= start.seq
    }

    /// Whether nothing is left of it.
    var isDone: Bool { isPastChanges && seqTold >= end.seq }

    /// A page of it.
    struct Page: Sendable {
        /// Messages that were known before, as they are now.
        var changed: [Message] = []
        /// Messages that are new.
        var sent: [Message] = []

        /// What is further on than the end of the way.
        func ahead(of end: Position) -> [Message] { sent.filter { $0.changed > end } }

        /// What subscribers are told of it, in order.
        func events(from start: Position, epoch: UInt64) -> [EncodedEvent] {
            changed.map { EncodedEvent(changed: $0, place: start, epoch: epoch) }
                + sent.map { EncodedEvent($0, epoch: epoch) }
        }
    }

    /// Goes on by a page; nil where the store does not have it yet. The page may be empty.
    mutating func next(
        of room: RoomID, in store: any MessageReader, limit: Int
    ) async throws(StoreError) -> Page? {
        var page = Page()
        if !isPastChanges {
            let found = try await store.changed(
                in: ChangeRange(after: changesTold, through: end), numbered: (floor + 1)...start.seq, of: room,
                limit: limit)
            page.changed = found.upToPageBytes
            changesTold = page.changed.last?.changed ?? changesTold
            isPastChanges = page.changed.count < limit && page.changed.count == found.count
            guard isPastChanges, page.changed.isEmpty else { return page }
        }
        guard seqTold < end.seq else { return page }
        let (last, through) = (seqTold, end.seq)
        page.sent = try await store.page(after: last, of: room, limit: limit).filter { $0.seq <= through }.upToPageBytes
        guard let newest = page.sent.last else { return nil }
        seqTold = newest.seq
        return page
    }
}

extension [Message] {
    /// As many of them as may be handed to a subscription at once; one at least.
    fileprivate var upToPageBytes: [Message] {
        var bytes = 0
        for (index, message) in enumerated() {
            bytes += message.content.text.utf8.count + message.reactions.reduce(0) { $0 + $1.userIDs.count * 20 }
            if bytes >= GatewayLimits.backfillBytes { return Array(prefix(index + 1)) }
        }
        return self
    }
}

/// Messages that were told in a state further on than the place up to which everything has been told: what the log
/// still says of how they came to it is left out, so that nobody sees them go back.
struct ToldAhead {
    private var positions: [MessageID: Position] = [:]
    /// From here on nothing is to be left out any more.
    private(set) var end = Position.zero

    var isEmpty: Bool { positions.isEmpty }

    /// Notes messages as they were told.
    mutating func note(_ messages: [Message]) {
        for message in messages where positions.count < GatewayLimits.maxToldAhead {
            positions[message.id] = message.changed
            end = max(end, message.changed)
        }
    }

    /// Whether an entry tells a change that has been told.
    func has(_ entry: LogEntry) -> Bool {
        guard !positions.isEmpty, case .changed(let change) = entry.event, let told = positions[change.id] else {
            return false
        }
        return entry.position <= told
    }

    /// Everything up to `position` has been told.
    mutating func forget(upTo position: Position) {
        if !positions.isEmpty, position >= end {
            positions = [:]
        }
    }
}
