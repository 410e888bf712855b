import Synchronization

/// A fixed number of threads for calls that block: database drivers, password hashing, files.
///
/// Neither an event loop nor Swift's own pool may block, so such calls go here and the caller awaits their outcome. What
/// waits is bounded: beyond that a call fails at once with ``BlockingPoolError/overloaded``, because a queue that only
/// grows answers nobody in time.
///
/// ```swift
/// let pool = BlockingPool(name: "mongo", threads: 4, maxQueued: 1_000)
/// let reply = try await pool.run { try client.ping() }
/// await pool.shutdown()
/// ```
public final class BlockingPool: Sendable {
    private struct Workers {
        var threads: [NamedThread] = []
        var running = 0
        var isShuttingDown = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let queue: WorkQueue
    private let workers = Mutex(Workers())

    /// Starts `threads` threads that are shown as `name`-0, `name`-1, …; at most `maxQueued` calls wait for one.
    ///
    /// Where the system grants fewer threads the pool works with those; with none, each call says so.
    public init(name: String, threads: Int, maxQueued: Int) {
        precondition(threads > 0 && maxQueued > 0, "cannot make a pool without threads or without room")
        queue = WorkQueue(maxQueued: maxQueued)
        workers.withLock { workers in
            for index in 0..<threads {
                guard let thread = try? NamedThread.start(name: "\(name)-\(index)", { self.work() }) else { break }
                workers.threads.append(thread)
                workers.running += 1
            }
        }
    }

    /// The number of calls that wait for a thread.
    public var queued: Int { queue.count }

    /// The number of threads that the pool runs.
    public var threadCount: Int { workers.withLock { $0.running } }

    /// Runs `body`, which may block, on one of the threads and returns what it returns.
    ///
    /// - Throws: what `body` throws, or ``BlockingPoolError``.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await result(of: body).get()
    }

    /// Runs `body`, which may block, on one of the threads and keeps the type of its error.
    ///
    /// - Throws: ``BlockingPoolError`` where the body was not run.
    public func result<Value: Sendable, Failure: Error>(
        of body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(BlockingPoolError) -> Result<Value, Failure> {
        guard threadCount > 0 || isShuttingDown else { throw .noThreads }
        let outcome: Result<Result<Value, Failure>, BlockingPoolError> = await withCheckedContinuation { continuation in
            do throws(BlockingPoolError) {
                try queue.add {
                    continuation.resume(returning: .success(Result { () throws(Failure) in try body() }))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try outcome.get()
    }

    /// Refuses new calls, waits for those accepted, and ends the threads. Later calls of it return at once, calls that
    /// overlap wait together.
    public func shutdown() async {
        let toEnd = workers.withLock { workers in
            let first = !workers.isShuttingDown
            workers.isShuttingDown = true
            return first ? workers.running : 0
        }
        queue.close(threads: toEnd)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isOver = workers.withLock { workers in
                guard workers.running > 0 else { return true }
                workers.waiters.append(continuation)
                return false
            }
            if isOver {
                continuation.resume()
            }
        }
        let threads = workers.withLock { workers in
            defer { workers.threads = [] }
            return workers.threads
        }
        for thread in threads {
            thread.join()
        }
    }

    private var isShuttingDown: Bool { workers.withLock { $0.isShuttingDown } }

    private func work() {
        while let body = queue.take() {
            body()
        }
        let waiters = workers.withLock { workers in
            workers.running -= 1
            guard workers.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { workers.waiters = [] }
            return workers.waiters
        }
        for waiter in waiters {
            waiter.resume()
        }
    }
}
