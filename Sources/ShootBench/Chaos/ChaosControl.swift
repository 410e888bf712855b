import Synchronization

/// What the one who breaks things and the load tell each other. Safe to use from any thread.
final class ChaosControl: Sendable {
    /// What the load is to do.
    enum Phase: Sendable {
        /// Connect all clients.
        case connecting
        /// Send at the plan's rate.
        case sending
        /// Send nothing new.
        case draining
        /// End.
        case ended
    }

    /// What clients are told to do besides.
    enum Order: Sendable {
        /// They lose their connections, and stay away.
        case leave([Int])
        /// They come back, each to another gateway than the one that they left.
        case comeBack([Int])
        /// So many messages more than the plan's rate, from the clients of a room, one behind the other.
        case burst(room: Int, messages: Int)
        /// Each sends a message that the store refuses.
        case poison([Int])
        /// They send again what was refused.
        case retry([(client: Int, number: Int)])
    }

    /// How the load is doing, as of a moment ago.
    struct Standing: Sendable {
        /// Clients that are connected and resumed, of those that are still in their room.
        var here = 0
        var away = 0
        /// Sends without an answer.
        var unanswered = 0
        /// Clients that do not have what others in their room have.
        var behind = 0
        var sent = 0
        var delivered = 0
        /// Messages that the store is to refuse, whose senders have not been told so.
        var poison = 0
        /// How many orders have been carried out.
        var orders = 0

        var isQuiet: Bool { away == 0 && unanswered == 0 && behind == 0 }
    }

    private struct State {
        var phase = Phase.connecting
        var standing: Standing?
        var kicked: Set<Int> = []
        var orders: [Order] = []
        var ordered = 0
    }

    private let state = Mutex(State())

    var phase: Phase { state.withLock { $0.phase } }

    /// nil before the load has begun.
    var standing: Standing? { state.withLock { $0.standing } }

    /// Clients that were put out of their room on purpose.
    var kicked: Set<Int> { state.withLock { $0.kicked } }

    func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    func report(_ standing: Standing) { state.withLock { $0.standing = standing } }

    /// Gives an order; how many have been given with it.
    @discardableResult
    func order(_ order: Order) -> Int {
        state.withLock { state in
            state.orders.append(order)
            state.ordered += 1
            return state.ordered
        }
    }

    /// The orders that nobody has taken yet.
    func takeOrders() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// Says that a client is about to be put out of its room.
    func kick(_ client: Int) { state.withLock { _ = $0.kicked.insert(client) } }
}
