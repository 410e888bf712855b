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
    /// The oldest to the status of each room's messages: each SEND asks for it, and there may be thousands of others.
    private var oldestOfStatus: [RoomID: Subscription] = [:]

    mutating func add(_ request: STOMPSubscription, _ target: Target) {
        entries.append(Entry(request: request, target: target))
        if case .room(let subscription) = target, subscription.topic == .status,
            oldestOfStatus[subscription.room] == nil
        {
            oldestOfStatus[subscription.room] = subscription
        }
    }

    mutating func remove(_ handle: STOMPSubscriptionHandle) -> Target? {
        guard let index = index(of: handle) else { return nil }
        let target = entries.remove(at: index).target
        if case .room(let subscription) = target, oldestOfStatus[subscription.room] === subscription {
            oldestOfStatus[subscription.room] = statusSubscription(in: subscription.room) { _ in true }
        }
        return target
    }

    /// Forgets all, and gives those that were of rooms.
    mutating func removeAll() -> [Subscription] {
        defer { self = SessionSubscriptions() }
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
        guard let oldest = oldestOfStatus[room] else { return nil }
        // One that is not let in yet, or any more, leaves it to those behind it.
        return oldest.phase == .active ? oldest : statusSubscription(in: room) { $0.phase == .active }
    }

    private func statusSubscription(in room: RoomID, where isWanted: (Subscription) -> Bool) -> Subscription? {
        for entry in entries {
            if case .room(let subscription) = entry.target, subscription.topic == .status, subscription.room == room,
                isWanted(subscription)
            {
                return subscription
            }
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
