import Bytes

/// The subscriptions of one session, in the order in which they were made, which is that of their handles.
///
/// A few are looked through by their ids. Many have an index, or subscribing to thousands would cost the square of that.
struct STOMPSubscriptions: Sendable {
    /// In order. Added and removed by the methods below alone.
    var entries: [STOMPSession.Subscription] = []
    /// All of `entries` by id; empty as long as they are few.
    private var handles: [[UInt8]: STOMPSubscriptionHandle] = [:]

    /// From so many on they have an index: looking through fewer costs no more than hashing an id.
    static let indexedFrom = 32

    /// Where a subscription is; nil where it is not there (any more).
    func index(of handle: STOMPSubscriptionHandle) -> Int? { entries.index(of: handle) { $0.handle } }

    /// Where the subscription of this id is.
    func index(withID id: Span<UInt8>) -> Int? {
        guard handles.isEmpty else { return handles[Array(copying: id)].flatMap(index(of:)) }
        for index in entries.indices {
            let own = entries[index].id
            if own.span.equals(id) { return index }
        }
        return nil
    }

    /// Adds one whose handle is the newest, and whose id no other has.
    mutating func append(_ subscription: STOMPSession.Subscription) {
        entries.append(subscription)
        if !handles.isEmpty {
            handles[subscription.id] = subscription.handle
        } else if entries.count >= STOMPSubscriptions.indexedFrom {
            makeIndex()
        }
    }

    @discardableResult
    mutating func remove(at index: Int) -> STOMPSession.Subscription {
        let removed = entries.remove(at: index)
        if !handles.isEmpty {
            handles[removed.id] = nil
        }
        return removed
    }

    /// Removes those that the server ended.
    mutating func removeEnded() {
        entries.removeAll { $0.isEnded }
        if !handles.isEmpty {
            makeIndex()
        }
    }

    private mutating func makeIndex() {
        handles = [:]
        for subscription in entries {
            handles[subscription.id] = subscription.handle
        }
    }
}
