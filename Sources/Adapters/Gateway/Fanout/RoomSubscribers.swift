import Bytes
import Domain

/// The subscribers that one loop has in one room. Confined to that loop.
final class RoomSubscribers {
    private(set) var groups: [SubscriberGroup] = []
    /// Those that acknowledge; each is served through its session.
    private(set) var acknowledging: [Subscription] = []
    private(set) var statusOf: [UserID: [Subscription]] = [:]

    var isEmpty: Bool { groups.isEmpty && acknowledging.isEmpty && statusOf.isEmpty }

    /// The number of deliveries that one message makes here.
    var count: Int { groups.reduce(acknowledging.count) { $0 + $1.members.count } }

    func add(_ subscription: Subscription) {
        switch subscription.topic {
        case .status: statusOf[subscription.user, default: []].append(subscription)
        case .messages where subscription.acknowledges: acknowledging.append(subscription)
        case .messages:
            let index = groupIndex(of: subscription) ?? makeGroup(for: subscription)
            groups[index].add(subscription)
        }
    }

    func remove(_ subscription: Subscription) {
        switch subscription.topic {
        case .status:
            statusOf[subscription.user]?.removeAll { $0 === subscription }
            if statusOf[subscription.user]?.isEmpty == true {
                statusOf[subscription.user] = nil
            }
        case .messages where subscription.acknowledges: acknowledging.removeAll { $0 === subscription }
        case .messages:
            guard let index = groupIndex(of: subscription) else { return }
            groups[index].remove(subscription)
            if groups[index].members.isEmpty {
                groups.remove(at: index)
            }
        }
    }

    /// All subscriptions of those users.
    func subscriptions(where isWanted: (UserID) -> Bool) -> [Subscription] {
        groups.flatMap { $0.members.filter { isWanted($0.user) } } + acknowledging.filter { isWanted($0.user) }
            + statusOf.filter { isWanted($0.key) }.flatMap(\.value)
    }

    private func groupIndex(of subscription: Subscription) -> Int? {
        let isCompressed = subscription.session.compressesMessages
        return groups.firstIndex { $0.isCompressed == isCompressed && $0.subscriptionID == subscription.id }
    }

    private func makeGroup(for subscription: Subscription) -> Int {
        groups.append(
            SubscriberGroup(
                subscriptionID: subscription.id, isCompressed: subscription.session.compressesMessages))
        return groups.count - 1
    }
}
