import Bytes
import WireProtocols

/// Subscribers whose frames are the same to the byte: one room, one subscription id, one way of compressing.
struct SubscriberGroup {
    let subscriptionID: [UInt8]
    let isCompressed: Bool
    private(set) var members: [Subscription] = []

    init(subscriptionID: [UInt8], isCompressed: Bool) {
        self.subscriptionID = subscriptionID
        self.isCompressed = isCompressed
    }

    mutating func add(_ subscription: Subscription) {
        subscription.slot = members.count
        members.append(subscription)
    }

    /// Takes a member out by putting the last one in its place.
    mutating func remove(_ subscription: Subscription) {
        guard let last = members.popLast(), last !== subscription else { return }
        last.slot = subscription.slot
        members[subscription.slot] = last
    }
}
