import Synchronization

/// Which shards have something to persist, for workers to take. Any thread may mark, any task may take.
public final class ShardSchedule: Sendable {
    private struct State {
        var marked: Set<Int> = []
        var waiting: [CheckedContinuation<[Int], Never>] = []
        var isClosed = false

        mutating func take() -> [Int] {
            guard !isClosed else { return [] }
            defer { marked = [] }
            return marked.sorted()
        }
    }

    private let state = Mutex(State())
    private let count: Int

    /// A schedule for shards 0 to `count` - 1, none of them marked.
    public init(count: Int) { self.count = count }

    /// Something may be due in this shard; nil: in any.
    public func mark(_ shard: Int?) {
        let woken: (waiter: CheckedContinuation<[Int], Never>, shards: [Int])? = state.withLock { state in
            if let shard {
                state.marked.insert(shard)
            } else {
                state.marked.formUnion(0..<count)
            }
            guard !state.isClosed, let waiter = state.waiting.popLast() else { return nil }
            return (waiter: waiter, shards: state.take())
        }
        if let woken {
            woken.waiter.resume(returning: woken.shards)
        }
    }

    /// All shards that are marked, as soon as there are any; nothing once the schedule is closed.
    public func take() async -> [Int] {
        await withCheckedContinuation { continuation in
            let shards: [Int]? = state.withLock { state in
                guard state.marked.isEmpty, !state.isClosed else { return state.take() }
                state.waiting.append(continuation)
                return nil
            }
            if let shards {
                continuation.resume(returning: shards)
            }
        }
    }

    /// Lets every worker end after what it is doing.
    public func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting {
            waiter.resume(returning: [])
        }
    }

    /// Whether workers are to end.
    public var isClosed: Bool { state.withLock { $0.isClosed } }
}
