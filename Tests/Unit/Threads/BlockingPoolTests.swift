import Glibc
import Support
import Testing
import Threads

@Suite("The pool for calls that block", .timeLimit(.minutes(5)))
struct BlockingPoolTests {
    private struct Refusal: Error, Equatable {}

    /// Holds threads of a pool until it is opened.
    private final class Gate: @unchecked Sendable {
        // A semaphore is made to be shared; the pointer to it never changes.
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit { semaphore.deallocate() }

        func pass() { while sem_wait(semaphore) != 0 {} }

        func open(for count: Int) {
            for _ in 0..<count {
                sem_post(semaphore)
            }
        }
    }

    @Test("A body's value and its error reach the caller")
    func outcomes() async throws {
        let pool = BlockingPool(name: "test", threads: 2, maxQueued: 10)
        #expect(try await pool.run { 42 } == 42)
        await #expect(throws: Refusal()) { try await pool.run { () throws -> Int in throw Refusal() } }
        let result: Result<Int, Refusal> = try await pool.result { () throws(Refusal) -> Int in throw Refusal() }
        #expect(result == .failure(Refusal()))
        await pool.shutdown()
    }

    @Test("Each body runs once, the queue being emptied and filled")
    func once() async throws {
        let pool = BlockingPool(name: "test", threads: 1, maxQueued: 1_000)
        let seen = Observed<[Int]>([])
        let gate = Gate()
        let held = Observed(false)
        async let holding: Void = pool.run {
            held.update { $0 = true }
            gate.pass()
        }
        await held.wait { $0 }
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await pool.run { seen.update { $0.append(number) } } }
            }
            while pool.queued < 200 {
                await Task.yield()
            }
            gate.open(for: 1)
            try await group.waitForAll()
        }
        try await holding
        #expect(Set(seen.value) == Set(0..<200))
        #expect(seen.value.count == 200)
        await pool.shutdown()
    }

    @Test("As many bodies run at once as there are threads")
    func parallel() async throws {
        let pool = BlockingPool(name: "test", threads: 4, maxQueued: 10)
        let gate = Gate()
        let running = Observed(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    try await pool.run {
                        running.update { $0 += 1 }
                        gate.pass()
                    }
                }
            }
            await running.wait { $0 == 4 }
            gate.open(for: 4)
            try await group.waitForAll()
        }
        await pool.shutdown()
    }

    @Test("More than may wait is refused at once, and what waits is not harmed")
    func overloaded() async throws {
        let pool = BlockingPool(name: "test", threads: 1, maxQueued: 2)
        let gate = Gate()
        let started = Observed(false)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await pool.run {
                    started.update { $0 = true }
                    gate.pass()
                    return 0
                }
            }
            await started.wait { $0 }
            for number in 1...2 {
                group.addTask { try await pool.run { number } }
            }
            while pool.queued < 2 {
                await Task.yield()
            }
            await #expect(throws: BlockingPoolError.overloaded) { try await pool.run { 3 } }
            gate.open(for: 1)
            let values = try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            #expect(values == [0, 1, 2])
        }
        await pool.shutdown()
    }

    @Test("Shutting down runs what was accepted, then refuses")
    func shutdown() async throws {
        let pool = BlockingPool(name: "test", threads: 2, maxQueued: 100)
        let gate = Gate()
        let ran = Observed(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<52 {
                group.addTask {
                    try await pool.run {
                        gate.pass()
                        ran.update { $0 += 1 }
                    }
                }
            }
            while pool.queued < 50 {
                await Task.yield()
            }
            group.addTask { await pool.shutdown() }
            group.addTask { await pool.shutdown() }
            gate.open(for: 52)
            try await group.waitForAll()
        }
        #expect(ran.value == 52)
        #expect(pool.threadCount == 0)
        await #expect(throws: BlockingPoolError.shutDown) { try await pool.run { 1 } }
        await pool.shutdown()
    }

    @Test("Threads bear the pool's name, cut to what the system allows")
    func names() async throws {
        let pool = BlockingPool(name: "a-name-that-is-too-long", threads: 1, maxQueued: 1)
        let name = try await pool.run {
            var bytes = [CChar](repeating: 0, count: 32)
            let file = fopen("/proc/thread-self/comm", "r")
            defer { fclose(file) }
            return fgets(&bytes, 32, file).map { String(cString: $0) } ?? ""
        }
        #expect(name == "a-name-that-is-\n")
        await pool.shutdown()
    }
}
