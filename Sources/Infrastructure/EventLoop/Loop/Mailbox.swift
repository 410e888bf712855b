import Synchronization

/// What other threads want a loop to run, first in, first out.
///
/// A batch is taken out whole, so that a busy loop is woken once per batch and locks once per batch.
final class Mailbox: Sendable {
    /// One thing to run on the loop.
    enum Item: Sendable {
        case body(@Sendable () -> Void)
        case job(UnownedJob)
    }

    private enum Phase {
        case open
        /// The loop looks by itself and can no longer be woken.
        case draining
        case closed
    }

    private struct State {
        var items: [Item] = []
        var phase = Phase.open
    }

    private let state = Mutex(State())

    /// Adds an item, from any thread. False where the loop will not run it any more.
    ///
    /// `wake` is called under the lock and only for the first item of a batch: the handle that it wakes the loop with is
    /// closed under the same lock, so that it is never used after that.
    func post(_ item: Item, wake: () -> Void) -> Bool {
        state.withLock { state in
            guard state.phase != .closed else { return false }
            if state.items.isEmpty && state.phase == .open {
                wake()
            }
            state.items.append(item)
            return true
        }
    }

    /// Exchanges the waiting items for `batch`, which is empty and lends its room to those that come next.
    func take(into batch: inout [Item]) {
        state.withLock { swap(&$0.items, &batch) }
    }

    /// From here on nobody wakes the loop.
    func beginDraining() {
        state.withLock { $0.phase = .draining }
    }

    /// Closes for good where nothing waits; false where something does.
    func closeIfEmpty() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty else { return false }
            state.phase = .closed
            return true
        }
    }
}
