import Domain

/// A change of who is in a room, on its way into the room's log.
public struct MembershipRequest: Sendable {
    public let room: RoomID
    public let actor: UserID
    public let kind: MembershipChange.Kind
    public let userIDs: [UserID]
    /// The id of the message by which the room says it.
    public let messageID: MessageID
    /// What the room says.
    public let text: String

    public init(
        room: RoomID, actor: UserID, kind: MembershipChange.Kind, userIDs: [UserID], messageID: MessageID, text: String
    ) {
        self.room = room
        self.actor = actor
        self.kind = kind
        self.userIDs = userIDs
        self.messageID = messageID
        self.text = text
    }
}

/// Changes who is in a room: roles are checked, the members changed and the log told in one step.
public protocol MembershipLog: WarmingLog {
    /// Makes the change; gives the error code it is refused with, or nil.
    /// - Throws: `RoomLogError`; `cold` where the room is not in Redis.
    func change(_ request: MembershipRequest) async throws(RoomLogError) -> ErrorCode?
}
