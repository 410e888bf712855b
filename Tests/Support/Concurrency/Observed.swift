import Synchronization

/// A value that one thread changes and a test awaits a state of.
public final class Observed<Value: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value, Never>
    }

    private struct State {
        var value: Value
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    public init(_ value: Value) { state = Mutex(State(value: value)) }

    public var value: Value { state.withLock { $0.value } }

    /// Changes the value, on any thread.
    public func update(_ change: (inout Value) -> Void) {
        let (value, met) = state.withLock { state in
            change(&state.value)
            let value = state.value
            let met = state.waiters.filter { $0.isMet(value) }
            state.waiters.removeAll { $0.isMet(value) }
            return (value, met)
        }
        for waiter in met {
            waiter.continuation.resume(returning: value)
        }
    }

    /// The value, as soon as `isMet` says that it is what the test waits for; fails by the time limit of the test.
    @discardableResult
    public func wait(until isMet: @escaping @Sendable (Value) -> Bool) async -> Value {
        await withCheckedContinuation { continuation in
            let met: Value? = state.withLock { state in
                if isMet(state.value) {
                    return state.value
                }
                state.waiters.append(Waiter(isMet: isMet, continuation: continuation))
                return nil
            }
            if let met {
                continuation.resume(returning: met)
            }
        }
    }
}
