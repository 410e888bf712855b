import Domain

/// Reading back what was said.
public struct History: Sendable {
    private let rooms: any RoomStore
    private let messages: any MessageReader

    /// Where a page lies.
    public enum Direction: Sendable {
        /// Below this number, newest first; nil: from the end.
        case before(UInt64?)
        /// Above this number, oldest first.
        case after(UInt64)
    }

    public init(rooms: any RoomStore, messages: any MessageReader) {
        self.rooms = rooms
        self.messages = messages
    }

    /// A page of a room's messages, of those that the user may read: since they joined. The cursor is a number to go on
    /// from in the same direction.
    /// - Throws: `Refusal`: `ROOM_NOT_FOUND` for who is not in the room, `STORE_UNAVAILABLE`.
    public func page(
        of room: RoomID, for user: UserID, _ direction: Direction, limit: Int
    ) async throws(Refusal) -> Page<Message> {
        let range = try await answer { () async throws(StoreError) in
            try await rooms.readableRange(of: room, for: user)
        }
        guard let range else { throw Refusal(.roomNotFound, "there is no such room, or you are not in it") }
        // What is being stored beyond that may, by a kick that is not applied yet, no longer be the reader's.
        let saved = range.lastSeq
        let floor = range.joinedSeq
        let found = try await answer { () async throws(StoreError) in
            switch direction {
            case .before(let seq):
                try await messages.page(before: min(seq ?? .max, saved + 1), above: floor, of: room, limit: limit)
            case .after(let seq):
                try await messages.page(after: max(seq, floor), of: room, limit: limit).filter { $0.seq <= saved }
            }
        }
        let isFull = found.count == limit
        return Page(items: found, nextCursor: isFull ? found.last.map { String($0.seq) } : nil)
    }
}
