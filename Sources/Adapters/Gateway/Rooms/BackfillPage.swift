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

    /// The events for a backfill, which has been told of them afterwards: those behind its position, up to where its
    /// user's place in the room ends, and no more than its socket is to hold at once.
    mutating func take(for backfill: Backfill) -> Range<Int> {
        let first = entries.firstIndex { $0.position > backfill.position } ?? entries.count
        var next = first
        var bytes = 0
        while next < entries.count, bytes < GatewayLimits.backfillBytes {
            let entry = entries[next]
            if let ending = backfill.ending, entry.position > ending.at { break }
            next += 1
            backfill.position = entry.position
            bytes += offsets[next] > offsets[next - 1] ? events[offsets[next - 1]].byteCount : 0
            if let code = entry.endOfPlace(of: backfill.request.user) {
                backfill.ending = (entry.position, code)
                break
            }
        }
        return offsets[first]..<offsets[next]
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
    var endCode: String { kind == .kicked ? "KICKED" : "LEFT" }
}
