import Domain

/// A change of a message, on its way into its room's log.
public struct ChangeRequest: Sendable {
    /// What is to be done. JSON members are as in `OutgoingMessage`, without reactions.
    public enum Action: Sendable, Equatable {
        /// The message is to have these JSON members.
        case edit(members: [UInt8])
        /// These are left of it.
        case delete(members: [UInt8])
        case react(String)
        case unreact(String)
    }

    public let action: Action
    public let actor: UserID
    /// The idempotency key of the change: asked again with the same one, it is done once.
    public let key: TempID
    /// The message as it was last read.
    public let base: StoredMessage
    /// Its JSON members then, reactions last.
    public let baseMembers: [UInt8]

    public init(action: Action, actor: UserID, key: TempID, base: StoredMessage, baseMembers: [UInt8]) {
        self.action = action
        self.actor = actor
        self.key = key
        self.base = base
        self.baseMembers = baseMembers
    }
}

/// What became of a change.
public enum ChangeOutcome: Sendable, Equatable {
    /// It is in the log: the message as it is now, `changed` telling its place.
    case changed(Message)
    /// There was nothing to change: the message is so already.
    case unchanged(Message)
    /// It has been changed meanwhile by something that the base does not have and the log has forgotten: read it again.
    case outdated
    case refused(ErrorCode)
}

/// Changes messages: the right to do so is checked, the change made and the log told in one step.
public protocol ChangeLog: Sendable {
    /// Makes the change.
    /// - Throws: `RoomLogError`; `cold` where the room is not in Redis.
    func change(_ request: ChangeRequest) async throws(RoomLogError) -> ChangeOutcome

    /// Up to which position everything of the room is in MongoDB.
    /// - Throws: `RoomLogError`; `cold` where the room is not in Redis, and so everything of it is.
    func savedPosition(of room: RoomID) async throws(RoomLogError) -> Position

    /// A message of the room that is not in MongoDB yet; nil where there is none.
    /// - Throws: `RoomLogError`; `cold` where the room is not in Redis.
    func unsaved(_ id: MessageID, of room: RoomID) async throws(RoomLogError) -> StoredMessage?
}
