import CUV
import Glibc
import Synchronization
import Threads

/// One thread that waits for sockets, timers and messages from other threads, and handles them one after another.
///
/// What belongs to a loop (connections, listeners, timers) is touched on its thread only, which debug builds check. Other
/// threads reach it by ``execute(_:)`` and ``submit(_:)``; and because a loop is a `SerialExecutor`, actors can live on
/// it. A turn is: timers, I/O and mailbox, ``TickEndTask``s, then one flush per connection that was written to.
///
/// ```swift
/// let loop = try EventLoop.start(name: "io-0")
/// loop.execute {
///     loop.schedule(afterMilliseconds: 1_000) { print("a second later, on \(loop.name)") }
/// }
/// await loop.stop()
/// ```
///
/// It is safe to share: the mailbox and the thread's identity are synchronised, all else is only touched on the thread.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    private struct Ending {
        var isRequested = false
        var isOver = false
        var thread: NamedThread?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The name of the loop's thread.
    public let name: String
    /// What the loop has done so far. Loop-only.
    public internal(set) var counters = LoopCounters()

    let uv: UVLoop
    let buffers = LoopBuffers()
    let flushes = FlushList()
    let watch = ConnectionWatch()
    /// Whether all handles are being closed for good. Loop-only.
    private(set) var isStopping = false

    private let mailbox = Mailbox()
    private let thread = Atomic<UInt>(0)
    private let ending = Mutex(Ending())
    private var spareBatch: [Mailbox.Item] = []
    /// The last one added first.
    private var tickEndTasks: [any TickEndTask] = []

    private init(name: String, uv: UVLoop) {
        self.name = name
        self.uv = uv
    }

    /// Starts a loop on a thread of its own, which Linux shows by the first 15 bytes of `name`.
    ///
    /// The process ignores SIGPIPE from then on: a write to a socket that the peer closed is to return an error.
    /// - Throws: ``EventLoopError`` where the system is out of threads or descriptors.
    public static func start(name: String) throws(EventLoopError) -> EventLoop {
        signal(SIGPIPE, SIG_IGN)
        let loop = EventLoop(name: name, uv: try UVLoop())
        loop.uv.attach(loop)
        do throws(ThreadError) {
            let thread = try NamedThread.start(name: name) { loop.run() }
            loop.ending.withLock { $0.thread = thread }
        } catch {
            loop.uv.closeHandles()
            loop.uv.run()
            loop.uv.close()
            throw EventLoopError(.resources, error.description)
        }
        return loop
    }

    /// Whether the caller runs on the loop's thread. Any thread.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Stops a debug build where the caller is not on the loop's thread.
    public func assertCurrent() { assert(isCurrent, "cannot touch what belongs to loop \(name) on another thread") }

    /// Runs `body` on the loop, after all that was given to it before. Any thread.
    ///
    /// A loop that has stopped drops it.
    public func execute(_ body: @escaping @Sendable () -> Void) { _ = post(.body(body)) }

    /// Runs `body` on the loop, after all that was given to it before, and returns what it returns. Any thread.
    ///
    /// - Throws: what `body` throws, or ``EventLoopError`` (`stopped`) where the loop has stopped.
    public func submit<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            if !post(.body { continuation.resume(with: Result(catching: body)) }) {
                continuation.resume(throwing: EventLoopError(.stopped, "loop \(name) has stopped"))
            }
        }
    }

    /// Milliseconds of a monotonic clock, read once per turn. Loop-only.
    public var now: UInt64 {
        assertCurrent()
        return uv.now
    }

    /// Calls `body` on the loop once after `afterMilliseconds`, and then every `repeatMilliseconds` where that is not 0.
    /// Loop-only.
    @discardableResult
    public func schedule(
        afterMilliseconds: UInt64, repeatMilliseconds: UInt64 = 0, _ body: @escaping () -> Void
    ) -> LoopTimer {
        assertCurrent()
        return LoopTimer(loop: self, after: afterMilliseconds, every: repeatMilliseconds, body: body)
    }

    /// Has `task` called at the end of every turn, before those added before it, for as long as the loop lives. Loop-only.
    ///
    /// Who uses a connection comes after it, so that what it asks for at the end of a turn still goes out in that turn.
    public func addTickEnd(_ task: any TickEndTask) {
        assertCurrent()
        tickEndTasks.insert(task, at: 0)
    }

    /// Runs what was executed so far, closes all that is open on the loop and ends its thread.
    ///
    /// Connections are closed at once; close them gracefully before where that matters. Tasks and actors that live on the
    /// loop must be done: what is enqueued afterwards never runs. Not to be called from the loop itself. Calling it again
    /// does no harm.
    public func stop() async {
        precondition(!isCurrent, "cannot wait on a loop for its own end")
        let isFirst = ending.withLock { ending in
            defer { ending.isRequested = true }
            return !ending.isRequested
        }
        if isFirst {
            execute { self.uv.stop() }
        }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isOver = ending.withLock { ending in
                if !ending.isOver {
                    ending.waiters.append(continuation)
                }
                return ending.isOver
            }
            if isOver {
                continuation.resume()
            }
        }
        ending.withLock { $0.thread.take() }?.join()
    }

    func post(_ item: Mailbox.Item) -> Bool { mailbox.post(item) { uv.wake() } }
}

/// What happens on the thread.
extension EventLoop {
    /// The loop that a libuv loop belongs to.
    static func owning(_ loop: UnsafeMutablePointer<uv_loop_t>?) -> EventLoop? {
        handleOwner(loop?.pointee.data, as: EventLoop.self)
    }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        uv.run()
        isStopping = true
        mailbox.beginDraining()
        repeat {
            uv.closeHandles()
            uv.run()
            runMailbox()
        } while uv.isAlive || !mailbox.closeIfEmpty()
        uv.close()
        tickEndTasks = []
        flushes.removeAll()
        watch.removeAll()
        let waiters = ending.withLock { ending in
            ending.isOver = true
            defer { ending.waiters = [] }
            return ending.waiters
        }
        for waiter in waiters {
            waiter.resume()
        }
    }

    func woken() { runMailbox() }

    func eventsHandled() {
        counters.turns += 1
        endTick()
    }

    func aboutToWait() {
        endTick()
        // Whoever was told that its queue is empty may have written again: that must not wait for the next event.
        if !flushes.isEmpty {
            uv.wake()
        }
    }

    private func endTick() {
        for task in tickEndTasks {
            task.tickEnded()
        }
        flushes.flush()
    }

    private func runMailbox() {
        var batch: [Mailbox.Item] = []
        swap(&batch, &spareBatch)
        mailbox.take(into: &batch)
        for item in batch {
            switch item {
            case .body(let body): body()
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
        let keepsRoom = batch.capacity <= LoopLimits.keptMailboxPlaces
        batch.removeAll(keepingCapacity: keepsRoom)
        spareBatch = batch
    }
}
