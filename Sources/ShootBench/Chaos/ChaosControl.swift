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

        var isQuiet: Bool { away == 0 && unanswered == 0 && behind == 0 }
    }

    private struct State {
        var phase = Phase.connecting
        var standing: Standing?
        var kicked: Set<Int> = []
    }

    private let state = Mutex(State())

    var phase: Phase { state.withLock { $0.phase } }

    /// nil before the load has begun.
    var standing: Standing? { state.withLock { $0.standing } }

    /// Clients that were put out of their room on purpose.
    var kicked: Set<Int> { state.withLock { $0.kicked } }

    func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    func report(_ standing: Standing) { state.withLock { $0.standing = standing } }

    /// Says that a client is about to be put out of its room.
    func kick(_ client: Int) { state.withLock { _ = $0.kicked.insert(client) } }
}
