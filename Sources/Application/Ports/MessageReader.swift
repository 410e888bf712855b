import Domain

/// Messages as they are stored, for reading. Every read is of the primary at majority.
public protocol MessageReader: Sendable {
    /// Up to `limit` messages with numbers below `seq` (nil: from the end), newest first, above `floor`.
    /// A page stops at the first hole.
    func page(before seq: UInt64?, above floor: UInt64, of room: RoomID, limit: Int) async throws(StoreError)
        -> [Message]

    /// Up to `limit` messages with numbers above `seq`, oldest first. A page stops at the first hole.
    func page(after seq: UInt64, of room: RoomID, limit: Int) async throws(StoreError) -> [Message]

    /// Up to `limit` messages of a room, of those with these numbers, whose last change lies in `range`, in order of
    /// these changes.
    func changed(
        in range: ChangeRange, numbered seqs: ClosedRange<UInt64>, of room: RoomID, limit: Int
    ) async throws(StoreError) -> [Message]

    /// Up to which position of its log everything of a room is stored; nil where there is no such room.
    func savedPosition(of room: RoomID) async throws(StoreError) -> Position?

    /// A message with the place that its room had come to before it was read: no change up to there is missing in it.
    func message(_ id: MessageID) async throws(StoreError) -> StoredMessage?
}

/// Positions behind `after`, up to `through`.
public struct ChangeRange: Sendable, Equatable {
    public let after: Position
    public let through: Position

    public init(after: Position, through: Position) {
        self.after = after
        self.through = through
    }
}

/// A message and how far it is known to be complete.
public struct StoredMessage: Sendable, Equatable {
    public let message: Message
    /// No change up to here is missing in it.
    public let completeUpTo: Position

    public init(message: Message, completeUpTo: Position) {
        self.message = message
        self.completeUpTo = completeUpTo
    }
}
