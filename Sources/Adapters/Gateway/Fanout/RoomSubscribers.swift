import Bytes
import Domain

/// The subscribers that one loop has in one room. Confined to that loop.
final class RoomSubscribers {
    private(set) var messages = GroupedSubscribers()
    private(set) var typing = GroupedSubscribers()
    private(set) var statusOf: [UserID: [Subscription]] = [:]

    var isEmpty: Bool { messages.isEmpty && typing.isEmpty && statusOf.isEmpty }

    /// The number of deliveries that one message makes here.
    var count: Int { messages.count }

    func add(_ subscription: Subscription) {
        switch subscription.topic {
        case .status: statusOf[subscription.user, default: []].append(subscription)
        case .messages: messages.add(subscription)
        case .typing: typing.add(subscription)
        }
    }

    func remove(_ subscription: Subscription) {
        switch subscription.topic {
        case .status:
            statusOf[subscription.user]?.removeAll { $0 === subscription }
            if statusOf[subscription.user]?.isEmpty == true {
                statusOf[subscription.user] = nil
            }
        case .messages: messages.remove(subscription)
        case .typing: typing.remove(subscription)
        }
    }

    /// All subscriptions of those users.
    func subscriptions(where isWanted: (UserID) -> Bool) -> [Subscription] {
        messages.filter { isWanted($0.user) } + typing.filter { isWanted($0.user) }
            + statusOf.filter { isWanted($0.key) }.flatMap(\.value)
    }
}
