import Domain
import WireProtocols

/// What one session has subscribed to, in the order of the handles.
struct SessionSubscriptions {
    /// What a subscription delivers.
    enum Target {
        case room(Subscription)
        /// The errors of the session's own sends.
        case errors
    }

    struct Entry {
        let request: STOMPSubscription
        let target: Target
        /// What waits for the client to acknowledge.
        var waiting: [EncodedEvent] = []
    }

    private(set) var entries: [Entry] = []

    mutating func add(_ request: STOMPSubscription, _ target: Target) {
        entries.append(Entry(request: request, target: target))
    }

    mutating func remove(_ handle: STOMPSubscriptionHandle) -> Target? {
        guard let index = index(of: handle) else { return nil }
        return entries.remove(at: index).target
    }

    /// Forgets all, and gives those that were of rooms.
    mutating func removeAll() -> [Subscription] {
        defer { entries = [] }
        return entries.compactMap { entry in
            if case .room(let subscription) = entry.target { subscription } else { nil }
        }
    }

    func index(of subscription: Subscription) -> Int? {
        guard let index = index(of: subscription.handle), case .room(let own) = entries[index].target,
            own === subscription
        else { return nil }
        return index
    }

    func index(of handle: STOMPSubscriptionHandle) -> Int? { entries.index(of: handle) { $0.request.handle } }

    /// The session's own active subscription to the status of its messages in a room.
    func statusSubscription(in room: RoomID) -> Subscription? {
        for case .room(let subscription) in entries.map(\.target)
        where subscription.topic == .status && subscription.room == room && subscription.phase == .active {
            return subscription
        }
        return nil
    }

    /// The session's subscriptions to its own errors.
    var errorRequests: [STOMPSubscription] {
        entries.filter { if case .errors = $0.target { true } else { false } }.map(\.request)
    }

    mutating func hold(_ event: EncodedEvent, at index: Int) { entries[index].waiting.append(event) }

    mutating func takeWaiting(at index: Int) -> [EncodedEvent] {
        defer { entries[index].waiting = [] }
        return entries[index].waiting
    }
}
