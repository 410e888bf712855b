import Redis
import Support
import Synchronization
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(5))) struct DistributedLockTests {
    /// Time that goes on when it is told to, and pauses that are written down.
    private final class Manual: Sendable {
        let time = Atomic<UInt64>(1_000_000)
        let pauses = Observed<[UInt64]>([])
        private let bits = Atomic<UInt64>(0)

        func environment(
            pause: @escaping @Sendable (_ number: Int) async -> Void = { _ in }
        ) -> DistributedLock.Environment {
            DistributedLock.Environment(
                now: { self.time.load(ordering: .relaxed) },
                pause: { milliseconds in
                    self.pauses.update { $0.append(milliseconds) }
                    await pause(self.pauses.value.count)
                },
                random: { self.bits.wrappingAdd(7, ordering: .relaxed).newValue })
        }
    }

    private func withLock(
        leaseMilliseconds: UInt64 = 60_000,
        _ body: @Sendable (DistributedLock, Manual, RedisClient) async throws -> Void
    ) async throws {
        let configuration = try RedisConfiguration(url: try await TestServers.shared.freshRedisURL())
        try await withLoop { loop in
            let client = try await RedisClient.start(configuration, on: loop)
            // A lock does not wait for the connection.
            _ = try await client.command("PING")
            let manual = Manual()
            let lock = DistributedLock(
                name: "test", client: client, leaseMilliseconds: leaseMilliseconds,
                environment: manual.environment())
            try await body(lock, manual, client)
        }
    }

    @Test func oneHoldsIt() async throws {
        try await withLock { lock, manual, _ in
            let outcomes = try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask { try? await lock.acquire() }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap(\.self).count == 1)
            await #expect(throws: LockError.taken) { _ = try await lock.acquire() }
            for hold in outcomes.compactMap(\.self) {
                #expect(hold.isHeld)
                await hold.release()
                #expect(!hold.isHeld)
            }
            _ = try await lock.acquire()
            #expect(manual.pauses.value.isEmpty)
        }
    }

    @Test func theFencingNumberGrows() async throws {
        try await withLock { lock, _, client in
            var last: UInt64 = 0
            for _ in 0..<3 {
                let hold = try await lock.acquire()
                #expect(hold.fence > last)
                last = hold.fence
                await hold.release()
            }
            let late = try await lock.acquire()
            _ = try await client.command("DEL", "lock:{test}")
            #expect(try await lock.acquire().fence > late.fence)
        }
    }

    @Test func aLockThatRanOutOrWasStolenIsNoticedAndLeftAlone() async throws {
        try await withLock { lock, _, client in
            let late = try await lock.acquire()
            try await late.renew()
            _ = try await client.command("DEL", "lock:{test}")
            await #expect(throws: LockError.lost) { try await late.renew() }
            #expect(!late.isHeld)
            let next = try await lock.acquire()
            await #expect(throws: LockError.lost) { try await late.renew() }
            await late.release()
            try await next.renew()
            #expect(next.isHeld)
        }
    }

    @Test func aHolderKnowsByItsOwnClockThatTheLeaseIsOver() async throws {
        try await withLock(leaseMilliseconds: 60_000) { lock, manual, _ in
            let hold = try await lock.acquire()
            manual.time.add(59_999, ordering: .relaxed)
            #expect(hold.isHeld)
            try await hold.renew()
            manual.time.add(59_999, ordering: .relaxed)
            #expect(hold.isHeld)
            manual.time.add(1, ordering: .relaxed)
            #expect(!hold.isHeld)
        }
    }

    @Test func itEndsByRedisClock() async throws {
        try await withLock(leaseMilliseconds: 1) { lock, _, client in
            _ = try await lock.acquire()
            _ = try await eventually("the lock has run out") {
                try await client.command("EXISTS", "lock:{test}") == .integer(0) ? true : nil
            }
            _ = try await lock.acquire()
        }
    }

    @Test func waitsLongerEachTimeUntilItIsFree() async throws {
        let configuration = try RedisConfiguration(url: try await TestServers.shared.freshRedisURL())
        try await withLoop { loop in
            let client = try await RedisClient.start(configuration, on: loop)
            _ = try await client.command("PING")
            let manual = Manual()
            let lock = DistributedLock(
                name: "test", client: client, leaseMilliseconds: 60_000,
                environment: manual.environment { number in
                    if number == 4 {
                        _ = try? await client.command("DEL", "lock:{test}")
                    }
                })
            _ = try await lock.acquire()
            _ = try await lock.acquire(attempts: 10)
            let pauses = manual.pauses.value
            #expect(pauses.count == 4)
            for (pause, whole) in zip(pauses, [50, 100, 200, 400] as [UInt64]) {
                #expect((whole / 2...whole).contains(pause))
            }
            await #expect(throws: LockError.taken) { _ = try await lock.acquire(attempts: 3) }
            #expect(manual.pauses.value.count == 6)
        }
    }

    @Test func saysThatRedisIsAway() async throws {
        try await withRedis { redis, server, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let lock = DistributedLock(
                name: "test", client: connection.client, leaseMilliseconds: 1000,
                environment: Manual().environment())
            let hold = try await lock.acquire()
            try await OwnRedis.kill(server)
            await connection.states.wait { $0.last == false }
            await #expect {
                _ = try await lock.acquire(attempts: 2)
            } throws: { error in
                if case LockError.unavailable = error { true } else { false }
            }
            await #expect {
                try await hold.renew()
            } throws: { error in
                if case LockError.unavailable = error { true } else { false }
            }
        }
    }
}
