import Application
import Domain

/// Entries of a room's log, encoded once for all backfills that stand among them.
struct BackfillPage {
    /// What subscribers are told of the entries, in order; some entries say nothing.
    let events: [EncodedEvent]
    private let entries: [LogEntry]
    /// For each entry, how many events come before it.
    private let offsets: [Int]

    init(_ entries: [LogEntry], room: RoomID, epoch: UInt64) {
        self.entries = entries
        var events: [EncodedEvent] = []
        var offsets: [Int] = []
        for entry in entries {
            offsets.append(events.count)
            if let event = EncodedEvent(entry, room: room, epoch: epoch) {
                events.append(event)
            }
        }
        self.events = events
        self.offsets = offsets + [events.count]
    }

    /// What the frames of these events have at least.
    func byteCount(of runs: [Range<Int>]) -> Int {
        runs.reduce(0) { sum, run in events[run].reduce(sum) { $0 + $1.byteCount } }
    }

    /// The events for a backfill, which has been told of them afterwards: those behind its position, up to where its
    /// user's place in the room ends, and no more than its socket is to hold at once. Changes that are not its user's to
    /// know, or that it has been told, are left out.
    func take(for backfill: Backfill) -> [Range<Int>] {
        var next = entries.firstIndex { $0.position > backfill.position } ?? entries.count
        var runs: [Range<Int>] = []
        var bytes = 0
        while next < entries.count, bytes < GatewayLimits.backfillBytes {
            let entry = entries[next]
            if let ending = backfill.ending, entry.position > ending.at { break }
            next += 1
            backfill.position = entry.position
            if offsets[next] > offsets[next - 1], !backfill.passesOver(entry) {
                bytes += events[offsets[next - 1]].byteCount
                runs.append(offsets[next - 1], joining: offsets[next])
            }
            if let code = entry.endOfPlace(of: backfill.request.user) {
                backfill.ending = (entry.position, code)
                break
            }
        }
        backfill.ahead.forget(upTo: backfill.position)
        return runs
    }
}

extension [Range<Int>] {
    /// Appends `place..<end`, as part of the last range where that ends there.
    fileprivate mutating func append(_ place: Int, joining end: Int) {
        if let last, last.upperBound == place {
            self[count - 1] = last.lowerBound..<end
        } else {
            append(place..<end)
        }
    }
}

extension Backfill {
    /// Whether its subscriber is not told of an entry.
    fileprivate func passesOver(_ entry: LogEntry) -> Bool {
        guard case .changed(let change) = entry.event else { return false }
        return change.seq <= request.joinedSeq || ahead.has(entry)
    }
}

extension LogEntry {
    /// The code with which a user's subscriptions end at this entry; nil where they do not.
    func endOfPlace(of user: UserID) -> String? {
        guard case .membership(_, _, let change, _) = event, change.endsPlaces, change.userIDs.contains(user) else {
            return nil
        }
        return change.endCode
    }
}

extension MembershipChange {
    /// Whether it puts users out of the room.
    var endsPlaces: Bool { kind != .invited }
    /// What those users' subscriptions end with.
    var endCode: String { kind == .kicked ? MembershipChange.kickedCode : "LEFT" }
    /// With what subscriptions end of users who were put out of the room.
    static let kickedCode = "KICKED"
}
