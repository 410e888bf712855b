import Domain

/// A place in a room list: behind the room with this activity and id. Written `<milliseconds>-<id>`.
struct RoomListCursor: Equatable, CustomStringConvertible {
    let lastActiveAt: Timestamp
    let id: RoomID

    /// Behind `room`.
    init(_ room: Room) {
        lastActiveAt = room.lastActiveAt
        id = room.id
    }

    /// Reads a cursor; nil where it is not one of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = RoomID(hex: String(parts[1])) else {
            return nil
        }
        lastActiveAt = Timestamp(milliseconds: milliseconds)
        self.id = id
    }

    var description: String { "\(lastActiveAt.milliseconds)-\(id)" }
}
