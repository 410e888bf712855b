import Domain

/// What looking after warm rooms came to.
public struct RoomVisit: Sendable, Equatable {
    /// Rooms that were looked at.
    public var rooms = 0
    /// Rooms with unsaved entries that the persister did not know of; it does now.
    public var putBack = 0
    /// Consumers of the persister's group that did not belong there, and are gone.
    public var consumersDeleted = 0
    /// Rooms that nobody uses, with what Redis has of them.
    public var idle: [(room: RoomID, head: RoomHead)] = []
    /// Whether there may be more to look at in one of the shards.
    public var isPartial = false

    public init() {}

    public static func == (left: RoomVisit, right: RoomVisit) -> Bool {
        (left.rooms, left.putBack, left.consumersDeleted, left.isPartial)
            == (right.rooms, right.putBack, right.consumersDeleted, right.isPartial)
            && left.idle.elementsEqual(right.idle, by: ==)
    }
}

/// What a janitor does in Redis. Each step is atomic for itself, so that nothing rests on there being one janitor.
public protocol JanitorLog: Sendable {
    /// Into how many shards the rooms fall.
    var shards: Int { get }

    /// Some of the gateways that have been silent for so long that they count as dead, the longest silent first.
    func deadGateways() async throws(RoomLogError) -> [String]

    /// Takes groups of a dead gateway away, some in each shard; `isDone` where it has no more.
    func sweep(_ gateway: String) async throws(RoomLogError) -> (groups: Int, isDone: Bool)

    /// Forgets a gateway that has no groups any more, if it is still silent.
    func forget(_ gateway: String) async throws(RoomLogError)

    /// Looks after some of the warm rooms of these shards whose time it is.
    func visit(shards: [Int]) async throws(RoomLogError) -> RoomVisit

    /// Takes rooms out of Redis that are unused and as MongoDB has them; gives how many they were.
    func cool(_ rooms: [(room: RoomID, head: RoomHead)]) async throws(RoomLogError) -> Int
}
