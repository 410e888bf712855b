import Bytes

/// The subscribers that one loop has to one topic of a room, so that each frame is encoded once for all who get the same
/// bytes. Confined to that loop.
struct GroupedSubscribers {
    private(set) var groups: [SubscriberGroup] = []
    /// Those that acknowledge; each is served through its session.
    private(set) var acknowledging: [Subscription] = []

    var isEmpty: Bool { groups.isEmpty && acknowledging.isEmpty }

    var count: Int { groups.reduce(acknowledging.count) { $0 + $1.members.count } }

    mutating func add(_ subscription: Subscription) {
        guard !subscription.acknowledges else { return acknowledging.append(subscription) }
        let index = groupIndex(of: subscription) ?? makeGroup(for: subscription)
        groups[index].add(subscription)
    }

    mutating func remove(_ subscription: Subscription) {
        guard !subscription.acknowledges else { return acknowledging.removeAll { $0 === subscription } }
        guard let index = groupIndex(of: subscription) else { return }
        groups[index].remove(subscription)
        if groups[index].members.isEmpty {
            groups.remove(at: index)
        }
    }

    /// All subscriptions that are wanted.
    func filter(_ isWanted: (Subscription) -> Bool) -> [Subscription] {
        groups.flatMap { $0.members.filter(isWanted) } + acknowledging.filter(isWanted)
    }

    private func groupIndex(of subscription: Subscription) -> Int? {
        let isCompressed = subscription.session.compressesMessages
        return groups.firstIndex { $0.isCompressed == isCompressed && $0.subscriptionID == subscription.id }
    }

    private mutating func makeGroup(for subscription: Subscription) -> Int {
        groups.append(
            SubscriberGroup(
                subscriptionID: subscription.id, isCompressed: subscription.session.compressesMessages))
        return groups.count - 1
    }
}
