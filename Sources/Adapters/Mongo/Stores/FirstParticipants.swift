import Application
import Domain
import Synchronization

/// How far a room has come: whatever of its participants is shown changes together with this, and never after it.
struct RoomVersion: Equatable {
    let savedPosition: Position
    let membershipVersion: UInt64
}

/// The first participants of rooms, kept as long as their room stays as it was: a list of rooms shows a hundred times as
/// many participants as rooms, and most rooms are quiet between two looks at it.
final class FirstParticipants: Sendable {
    private struct Entry {
        let version: RoomVersion
        let participants: [Participant]
    }

    /// Two generations: what is used moves to the younger one, and a full one replaces the older.
    private struct Generations {
        var young: [RoomID: Entry] = [:]
        var old: [RoomID: Entry] = [:]
        var youngParticipants = 0
    }

    private let kept = Mutex(Generations())
    private let limit: Int

    /// - Parameter limit: participants that are kept, over all rooms.
    init(limit: Int = MongoLimits.maxKeptParticipants) {
        self.limit = limit
    }

    /// The first participants of these rooms; `read` is asked for those that are not kept at their version.
    func participants(
        of rooms: [(id: RoomID, version: RoomVersion)],
        read: ([RoomID]) throws(MongoError) -> [RoomID: [Participant]]
    ) throws(MongoError) -> [RoomID: [Participant]] {
        var found: [RoomID: [Participant]] = [:]
        kept.withLock { kept in
            for room in rooms {
                guard let entry = kept.young[room.id] ?? kept.old[room.id], entry.version == room.version else {
                    continue
                }
                found[room.id] = entry.participants
                keep(entry, of: room.id, in: &kept)
            }
        }
        let missing = rooms.filter { found[$0.id] == nil }
        guard !missing.isEmpty else { return found }
        // Read after the rooms were, so that they are no older than the version says.
        let read = try read(missing.map(\.id))
        kept.withLock { kept in
            for room in missing {
                keep(Entry(version: room.version, participants: read[room.id] ?? []), of: room.id, in: &kept)
            }
        }
        return found.merging(read) { $1 }
    }

    private func keep(_ entry: Entry, of room: RoomID, in kept: inout Generations) {
        let before = kept.young.updateValue(entry, forKey: room)
        // A room without participants has its weight, too.
        kept.youngParticipants += 1 + entry.participants.count - (before.map { 1 + $0.participants.count } ?? 0)
        guard kept.youngParticipants > limit / 2 else { return }
        kept = Generations(old: kept.young)
    }
}
