import Domain
import EventLoop
import WireProtocols

/// Names one subscription among all of a gateway, for ever.
struct SubscriptionKey: Hashable, Sendable {
    /// The loop that it lives on, as its place among the gateway's loops.
    let loop: Int
    let number: UInt64
}

/// One client's subscription to one of a room's topics. Confined to the loop of its session.
final class Subscription {
    /// What of a room is subscribed to.
    enum Topic: Sendable {
        /// Messages and their changes.
        case messages
        /// The life of the subscriber's own messages.
        case status
        /// Who types.
        case typing
    }

    /// Whether the room delivers to it.
    enum Phase {
        /// Asked for; the room's answer is under way.
        case opening
        case active
        /// Refused, unsubscribed or ended.
        case ended
    }

    let key: SubscriptionKey
    let room: RoomID
    let topic: Topic
    let user: UserID
    /// The client's own id for it, as it goes into each MESSAGE.
    let id: [UInt8]
    /// Whether the client acknowledges: its deliveries then go through its session one by one.
    let acknowledges: Bool
    /// Its session's name for it.
    let handle: STOMPSubscriptionHandle
    /// Ends its subscriptions before it goes: not to be touched once `phase` is `ended`.
    unowned let session: ChatSession
    var phase = Phase.opening
    /// The room's last number when the user joined: changes of older messages are not theirs to know.
    var joinedSeq: UInt64 = 0
    /// Where it stands in its group's list of members, so that it leaves without a search.
    var slot = 0

    init(
        key: SubscriptionKey, room: RoomID, topic: Topic, user: UserID, id: [UInt8], acknowledges: Bool,
        handle: STOMPSubscriptionHandle, session: ChatSession
    ) {
        self.key = key
        self.room = room
        self.topic = topic
        self.user = user
        self.id = id
        self.acknowledges = acknowledges
        self.handle = handle
        self.session = session
    }
}
