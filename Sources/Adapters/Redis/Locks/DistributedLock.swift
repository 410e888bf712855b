import WireProtocols

/// A lock that one process at a time holds, for the length of a lease by Redis' clock.
///
///     let hold = try await lock.acquire(attempts: 5)
///     while … { try await hold.renew(); … }
///     await hold.release()
///
/// It keeps two from doing the same work at once; it can not keep a holder that was stopped from going on past its
/// lease. Where that would do harm, the write carries `LockHold.fence`, and its store refuses a lower number than it has
/// seen.
public struct DistributedLock: Sendable {
    private let client: RedisClient
    private let keys: (lock: [UInt8], fence: [UInt8])
    private let leaseMilliseconds: UInt64
    private let environment: Environment

    /// Between two attempts: at first up to so long, doubled for each that fails, ms.
    static let firstPauseMilliseconds: UInt64 = 50
    /// Between two attempts at the most, ms.
    static let maxPauseMilliseconds: UInt64 = 2000

    /// Time and chance, as the lock sees them.
    public struct Environment: Sendable {
        /// A clock that never goes back, ms.
        public var now: @Sendable () -> UInt64
        /// Waits so many milliseconds.
        public var pause: @Sendable (UInt64) async -> Void
        /// Bits that nobody else has: tokens are made of them, and what keeps two who wait apart.
        public var random: @Sendable () -> UInt64

        public init(
            now: @escaping @Sendable () -> UInt64, pause: @escaping @Sendable (UInt64) async -> Void,
            random: @escaping @Sendable () -> UInt64
        ) {
            self.now = now
            self.pause = pause
            self.random = random
        }
    }

    /// The lock `name`, the same in all processes that are to keep out of each other's way.
    ///
    /// - Parameter leaseMilliseconds: how long it is held without being renewed.
    public init(name: String, client: RedisClient, leaseMilliseconds: UInt64, environment: Environment) {
        self.client = client
        keys = (Array("lock:{\(name)}".utf8), Array("fence:{\(name)}".utf8))
        self.leaseMilliseconds = leaseMilliseconds
        self.environment = environment
    }

    /// Takes the lock; where another holds it or Redis does not answer, tries again with growing pauses.
    ///
    /// - Parameter attempts: how often it is tried, 1 or more.
    /// - Throws: what the last attempt ended with: `taken` or `unavailable`.
    public func acquire(attempts: Int = 1) async throws(LockError) -> LockHold {
        let (first, second) = (environment.random(), environment.random())
        let token = Array("\(String(first, radix: 36)).\(String(second, radix: 36))".utf8)
        var attempt = 1
        while true {
            let asked = environment.now()
            do throws(LockError) {
                let arguments = [token, Array("\(leaseMilliseconds)".utf8)]
                let fence = try await call(LockScripts.acquire, [keys.lock, keys.fence], arguments)
                guard fence > 0 else { throw .taken }
                return LockHold(of: self, token: token, fence: UInt64(fence), until: asked + leaseMilliseconds)
            } catch {
                guard attempt < attempts else { throw error }
            }
            await environment.pause(DistributedLock.pause(after: attempt, random: environment.random()))
            attempt += 1
        }
    }

    /// How long to wait after so many failed attempts, ms: half of it by chance, so that those who wait part.
    static func pause(after attempts: Int, random: UInt64) -> UInt64 {
        let whole = min(firstPauseMilliseconds << UInt64(min(attempts - 1, 16)), maxPauseMilliseconds)
        return whole - random % (whole / 2 + 1)
    }

    /// Lets `token` hold it for another lease; gives the time up to which it certainly does.
    func renew(_ token: [UInt8]) async throws(LockError) -> UInt64 {
        let asked = environment.now()
        let reply = try await call(
            LockScripts.renew, [keys.lock], [token, Array("\(leaseMilliseconds)".utf8)])
        guard reply == 1 else { throw .lost }
        return asked + leaseMilliseconds
    }

    func release(_ token: [UInt8]) async throws(LockError) {
        _ = try await call(LockScripts.release, [keys.lock], [token])
    }

    /// Whether a hold up to `deadline` has not run out.
    func isBefore(_ deadline: UInt64) -> Bool { environment.now() < deadline }

    private func call(
        _ script: RedisScript, _ keys: [[UInt8]], _ arguments: [[UInt8]]
    ) async throws(LockError) -> Int64 {
        do throws(RedisError) {
            let reply = try await client.eval(script, keys: keys, arguments: arguments, whenDown: .fail)
            guard case .integer(let number) = reply else { throw RedisError(.protocolViolation, "not a number") }
            return number
        } catch {
            throw .unavailable(error.description)
        }
    }
}
