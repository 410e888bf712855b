import Synchronization

/// A distributed lock that somebody holds, until it is released, runs out, or is found to be another's.
public final class LockHold: Sendable {
    /// Grows each time that the lock is taken, by whomever.
    public let fence: UInt64
    private let lock: DistributedLock
    private let token: [UInt8]
    /// Up to when it is certainly held, by the lock's own clock; 0: no longer.
    private let deadline: Mutex<UInt64>

    init(of lock: DistributedLock, token: [UInt8], fence: UInt64, until deadline: UInt64) {
        self.lock = lock
        self.token = token
        self.fence = fence
        self.deadline = Mutex(deadline)
    }

    /// Whether it is still certainly held, without asking Redis.
    public var isHeld: Bool { lock.isBefore(deadline.withLock { $0 }) }

    /// Holds it for another lease. Call it between two steps of the work, well within a lease.
    ///
    /// - Throws: `lost` where it ran out or is another's: the work has to end; `unavailable`.
    public func renew() async throws(LockError) {
        do throws(LockError) {
            let renewed = try await lock.renew(token)
            deadline.withLock { $0 = renewed }
        } catch {
            if error == .lost {
                deadline.withLock { $0 = 0 }
            }
            throw error
        }
    }

    /// Gives it back; one that is another's by now stays. Where Redis is away it runs out by itself.
    public func release() async {
        deadline.withLock { $0 = 0 }
        try? await lock.release(token)
    }
}
