import Glibc
import Synchronization

/// A bounded first-in-first-out queue between async callers and blocking threads.
///
/// It is safe to share: the queue is behind a mutex, and the semaphore, whose value is the number of bodies to be taken
/// plus one per thread to be ended, is made for many threads.
final class WorkQueue: @unchecked Sendable {
    typealias Body = @Sendable () -> Void

    private struct State {
        var bodies: [Body?] = []
        var head = 0
        let compactionThreshold: Int
        var isClosed = false

        var count: Int { bodies.count - head }

        mutating func next() -> Body? {
            guard head < bodies.count else { return nil }
            let body = bodies[head].take()
            head += 1
            // A queue that is never seen empty must not keep the places of all that it ever held.
            if head == bodies.count || head > compactionThreshold {
                bodies.removeFirst(head)
                head = 0
            }
            return body
        }
    }

    private let state: Mutex<State>
    private let semaphore: UnsafeMutablePointer<sem_t>
    private let maxQueued: Int

    init(maxQueued: Int) {
        self.maxQueued = maxQueued
        state = Mutex(State(compactionThreshold: maxQueued))
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// The number of bodies that no thread has taken yet.
    var count: Int { state.withLock { $0.count } }

    /// Adds a body, or throws ``BlockingPoolError/overloaded`` or ``BlockingPoolError/shutDown``.
    func add(_ body: @escaping Body) throws(BlockingPoolError) {
        let refusal: BlockingPoolError? = state.withLock { state in
            guard !state.isClosed else { return .shutDown }
            guard state.count < maxQueued else { return .overloaded }
            state.bodies.append(body)
            return nil
        }
        if let refusal {
            throw refusal
        }
        sem_post(semaphore)
    }

    /// Waits for a body; nil once the queue is closed and empty. May block.
    func take() -> Body? {
        while sem_wait(semaphore) != 0 {
            precondition(errno == EINTR, "cannot wait for a semaphore that is not there")
        }
        return state.withLock { $0.next() }
    }

    /// Takes no more bodies; those already added are still handed out, then each of `threads` callers gets nil.
    func close(threads: Int) {
        state.withLock { $0.isClosed = true }
        for _ in 0..<threads {
            sem_post(semaphore)
        }
    }
}
