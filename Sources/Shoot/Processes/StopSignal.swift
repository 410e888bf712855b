import EventLoop
import Synchronization

/// Waits for SIGTERM or SIGINT. The first asks for a stop in good order; a second one ends the process at once.
final class StopSignal: Sendable {
    private struct State {
        var isAsked = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Begins to observe both signals on `loop`.
    static func observe(on loop: EventLoop) async throws -> StopSignal {
        let stop = StopSignal()
        try await loop.submit {
            for signal in [SignalSource.Signal.terminate, .interrupt] {
                try SignalSource.observe(signal, on: loop) { stop.came() }
            }
        }
        return stop
    }

    /// Whether a stop has been asked for.
    var isAsked: Bool { state.withLock { $0.isAsked } }

    /// Returns when a stop is asked for.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isAsked = state.withLock { state in
                guard !state.isAsked else { return true }
                state.waiter = continuation
                return false
            }
            if isAsked {
                continuation.resume()
            }
        }
    }

    private func came() {
        let (waiter, isSecond) = state.withLock { state in
            defer {
                state.isAsked = true
                state.waiter = nil
            }
            return (state.waiter, state.isAsked)
        }
        if isSecond {
            exitAtOnce()
        }
        waiter?.resume()
    }
}
