import Synchronization

/// When a process's probe last came back through the room logs, and what kept it away since; from any thread.
public final class ProbeRecord: Sendable {
    private struct State {
        var lastReturn: ContinuousClock.Instant
        var hasReturned = false
        var obstacle = "not sent yet"
    }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// A record that begins now. `now` is the clock.
    public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        state = Mutex(State(lastReturn: now()))
    }

    /// The time since a probe came back, or since the beginning.
    public var age: Duration {
        let last = state.withLock { $0.lastReturn }
        return now() - last
    }

    /// What is wrong where no probe has come back within `limit`, or none at all; nil: nothing.
    public func fault(limit: Duration) -> String? {
        let state = state.withLock { $0 }
        guard state.hasReturned else { return "no probe has come back through the room logs yet: \(state.obstacle)" }
        let age = now() - state.lastReturn
        guard age > limit else { return nil }
        return "no probe has come back through the room logs for \(age.components.seconds) s: \(state.obstacle)"
    }

    func cameBack() {
        let time = now()
        state.withLock { state in
            state.lastReturn = time
            state.hasReturned = true
        }
    }

    /// What keeps the probe under way from coming back, as far as it is known.
    func failed(_ obstacle: String) { state.withLock { $0.obstacle = obstacle } }
}
