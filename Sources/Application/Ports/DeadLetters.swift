import Domain

/// Which entry of which room's log; written `<room>-<seq>-<change>`.
public struct EntryID: Sendable, Hashable, CustomStringConvertible {
    public let roomID: RoomID
    public let position: Position

    public init(_ roomID: RoomID, _ position: Position) {
        self.roomID = roomID
        self.position = position
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        let (room, place) = (text.prefix(24), text.dropFirst(24))
        guard place.first == "-", let roomID = RoomID(hex: String(room)),
            let position = Position(String(place.dropFirst()))
        else { return nil }
        self.init(roomID, position)
        // One entry has one name: no leading zeros, no upper case.
        guard description == text else { return nil }
    }

    public var description: String { "\(roomID)-\(position)" }
}

/// A try to store an entry that failed through the entry itself: MongoDB refused it, or it could not be read.
public struct FailedTry: Sendable, Equatable {
    public let at: Timestamp
    public let cause: String

    public init(at: Timestamp, cause: String) {
        self.at = at
        self.cause = cause
    }
}

/// An entry that could not be stored just now, and why.
public struct FailedEntry: Sendable, Equatable {
    public let id: EntryID
    public let cause: String

    public init(id: EntryID, cause: String) {
        self.id = id
        self.cause = cause
    }
}

/// An entry that failed too often to be tried again.
public struct DeadLetter: Sendable, Equatable {
    public let id: EntryID
    /// What was to be stored; nil where the entry could not be read, which then can't be replayed.
    public let message: Message?
    /// Whose message it was; nil where not even that could be read.
    public let origin: EntryOrigin?
    /// `ClaimedEntry.raw`
    public let raw: [UInt8]
    /// In order of time; never empty.
    public let tries: [FailedTry]

    public init(id: EntryID, message: Message?, origin: EntryOrigin?, raw: [UInt8], tries: [FailedTry]) {
        self.id = id
        self.message = message
        self.origin = origin
        self.raw = raw
        self.tries = tries
    }
}

/// Where the persister keeps dead letters.
public protocol DeadLetterStore: Sendable {
    /// Keeps dead letters; one that is kept already stays as it is.
    func keep(_ letters: [DeadLetter]) async throws(StoreError)
}
