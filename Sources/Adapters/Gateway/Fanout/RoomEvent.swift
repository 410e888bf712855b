import Domain
import EventLoop

/// What a room tells the loops that have subscribers in it, in the order that it happens.
enum RoomEvent: Sendable {
    /// Something for everyone subscribed to the room's messages.
    case deliver(EncodedEvent)
    /// A change of the message with this number, for those subscribed to the room's messages who joined before it.
    case deliverChange(EncodedEvent, of: UInt64)
    /// A step of one user's message, for that user's status subscriptions.
    case status(UserID, StatusStep, EncodedEvent)
    /// A user types or has stopped, for those who listen to that.
    case typing(UserID, EncodedEvent)
    /// What was delivered before is traced: here it is in this loop's sockets.
    case traced(DeliveryTrace)
    /// From here on this subscription is served, with what came behind the number at which its user joined.
    case activate(LoopBound<Subscription>, joinedSeq: UInt64)
    /// What some subscriptions missed, before they are served.
    case replay(Replay)
    /// This subscription is not served any more, with this code, before it ever was.
    case expel(LoopBound<Subscription>, code: String)
    /// These users' subscriptions end here, with this code.
    case end([UserID], code: String)
    /// Only these users are in the room now: everybody else's subscriptions end here, with this code.
    case keep(Set<UserID>, code: String)
}
