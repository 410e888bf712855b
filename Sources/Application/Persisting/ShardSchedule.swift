import Synchronization

/// Which shards have something to persist, for workers to take. Any thread may mark, any task may take.
public final class ShardSchedule: Sendable {
    private struct State {
        /// In order of being marked, so that no shard is passed over for ever; each once.
        var marked: [Int] = []
        /// Not empty only while nothing is marked.
        var waiting: [CheckedContinuation<[Int], Never>] = []
        var isClosed = false

        mutating func take() -> [Int] {
            guard !isClosed else { return [] }
            defer { marked.removeFirst(min(marked.count, ShardSchedule.shardsAtATime)) }
            return Array(marked.prefix(ShardSchedule.shardsAtATime))
        }

        mutating func mark(_ shard: Int) {
            if !marked.contains(shard) {
                marked.append(shard)
            }
        }

        /// Whoever waits and can go on, each with its shards.
        mutating func wake() -> [(waiter: CheckedContinuation<[Int], Never>, shards: [Int])] {
            var woken: [(waiter: CheckedContinuation<[Int], Never>, shards: [Int])] = []
            while !marked.isEmpty, let waiter = waiting.popLast() {
                woken.append((waiter: waiter, shards: take()))
            }
            return woken
        }
    }

    private let state = Mutex(State())
    private let count: Int

    /// How many shards one worker takes: one round for many costs far less than many rounds, and others are to have some
    /// to take when all are marked.
    static let shardsAtATime = 64

    /// A schedule for shards 0 to `count` - 1, none of them marked.
    public init(count: Int) { self.count = count }

    /// Something may be due in this shard; nil: in any.
    public func mark(_ shard: Int?) {
        let woken = state.withLock { state in
            for shard in shard.map({ $0..<$0 + 1 }) ?? 0..<count {
                state.mark(shard)
            }
            return state.wake()
        }
        for (waiter, shards) in woken {
            waiter.resume(returning: shards)
        }
    }

    /// Shards that are marked, at most `shardsAtATime`, as soon as there are any; nothing once the schedule is closed.
    /// The rest stays for other workers.
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
