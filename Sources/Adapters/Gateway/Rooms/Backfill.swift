import Application
import Domain
import EventLoop

/// A subscription that is being told what it missed, before it goes live. Confined to the hub's loop.
final class Backfill {
    let request: SubscribeRequest
    /// Everything up to here has been told.
    var position: Position
    /// The end of the log when the user was last found to be a participant: what the store holds up to here may be told.
    let verified: Position
    /// Where the user's place in the room ended meanwhile: the last thing to be told, and with which code.
    var ending: (at: Position, code: String)?
    /// The way through the store that it is on; nil where it reads the log.
    var walk: StoreWalk?
    /// What it has been told beyond its position.
    var ahead = ToldAhead()
    /// Whether the subscriber knows how it is being recovered.
    var isAnnounced = false

    init(_ request: SubscribeRequest, after position: Position, verified: Position) {
        self.request = request
        self.position = position
        self.verified = verified
    }
}

/// Part of what some subscriptions of one loop missed, each of them the part behind its own position.
struct Replay: Sendable {
    /// One subscription's part of the events.
    struct Target: Sendable {
        let subscription: LoopBound<Subscription>
        let events: [Range<Int>]
        /// Goes before the events.
        let announcement: EncodedEvent?
        /// Whether live messages follow right behind it.
        let isLast: Bool
        /// To be called on the subscription's loop when its socket has taken all of it.
        let taken: @Sendable () -> Void
    }

    let events: [EncodedEvent]
    let targets: [Target]

    /// What one of the subscriptions gets, by itself.
    func part(of target: Target) -> Replay {
        let own = Array(events(of: target))
        return Replay(
            events: own,
            targets: [
                Target(
                    subscription: target.subscription, events: own.isEmpty ? [] : [0..<own.count],
                    announcement: target.announcement, isLast: target.isLast, taken: target.taken)
            ])
    }

    /// A subscription's part, in order.
    func events(of target: Target) -> ArraySlice<EncodedEvent> {
        target.events.count == 1 ? events[target.events[0]] : ArraySlice(target.events.flatMap { events[$0] })
    }
}
