import EventLoop
import Support
import Testing

@Suite("Event loops", .timeLimit(.minutes(5)))
struct EventLoopTests {
    private struct Refusal: Error, Equatable {}

    @Test("Bodies run on the loop, and nowhere else")
    func isCurrent() async throws {
        try await withLoop { loop in
            #expect(!loop.isCurrent)
            let isThere = try await loop.submit { loop.isCurrent }
            #expect(isThere)
        }
    }

    @Test("What a body throws is thrown to whoever submitted it")
    func submitThrows() async throws {
        try await withLoop { loop in
            await #expect(throws: Refusal()) { try await loop.submit { () throws in throw Refusal() } }
        }
    }

    @Test("Each thread's bodies run in its order, and none is lost")
    func order() async throws {
        try await withLoop { loop in
            let seen = Observed([[Int]](repeating: [], count: 8))
            await withTaskGroup { group in
                for sender in 0..<8 {
                    group.addTask {
                        for number in 0..<2_000 {
                            loop.execute { seen.update { $0[sender].append(number) } }
                        }
                    }
                }
            }
            let all = await seen.wait { $0.allSatisfy { $0.count == 2_000 } }
            #expect(all.allSatisfy { $0 == Array(0..<2_000) })
        }
    }

    private actor Resident {
        private let loop: EventLoop
        private var calls = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(loop: EventLoop) { self.loop = loop }

        /// Whether this ran on the loop, before and after waiting for something elsewhere.
        func call() async -> Bool {
            calls += 1
            loop.assertIsolated()
            let before = loop.isCurrent
            await Task { @concurrent in }.value
            return before && loop.isCurrent
        }

        var count: Int { calls }
    }

    @Test("An actor that names the loop as its executor runs on the loop's thread")
    func executor() async throws {
        try await withLoop { loop in
            let resident = Resident(loop: loop)
            await withTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask { #expect(await resident.call()) }
                }
            }
            #expect(await resident.count == 100)
        }
    }

    private final class Counter: TickEndTask {
        private let name: String
        private let log: Observed<[String]>
        var isArmed = true

        init(_ name: String, _ log: Observed<[String]>) {
            self.name = name
            self.log = log
        }

        func tickEnded() {
            guard isArmed else { return }
            isArmed = false
            log.update { $0.append(name) }
        }
    }

    @Test("Tasks for the end of a turn run after all that it brought, the last one added first")
    func tickEnd() async throws {
        try await withLoop { loop in
            let log = Observed<[String]>([])
            try await loop.submit {
                loop.addTickEnd(Counter("first", log))
                loop.addTickEnd(Counter("second", log))
                log.update { $0.append("body") }
            }
            let seen = await log.wait { $0.count == 3 }
            #expect(seen == ["body", "second", "first"])
        }
    }

    @Test("Stopping runs what was executed before, closes everything, and refuses what comes after")
    func stop() async throws {
        let loop = try EventLoop.start(name: "stopped")
        let server = Observed(Seen())
        let address = try await loop.listen { $0.delegate = Recorder(server) }
        let client = Observed(Seen())
        _ = try await loop.connect(to: address) { $0.delegate = Recorder(client) }
        let ran = Observed(0)
        loop.execute { loop.schedule(afterMilliseconds: 1_000_000, repeatMilliseconds: 1) {} }
        for _ in 0..<1_000 {
            loop.execute { ran.update { $0 += 1 } }
        }
        async let first: Void = loop.stop()
        async let second: Void = loop.stop()
        _ = await (first, second)
        await loop.stop()
        #expect(ran.value == 1_000)
        #expect(client.value.closed.map(\.name) == ["local"])
        #expect(loop.counters.connections == 0)
        await #expect(throws: EventLoopError.self) { try await loop.submit {} }
    }

    @Test("What runs while a loop stops can open nothing that stays open")
    func openingWhileStopping() async throws {
        let loop = try EventLoop.start(name: "stopping")
        let outcome = Observed<[EventLoopError.Code?]>([])
        // Whether this gets in before the stop or is drained by it, it must be answered and closed.
        loop.execute {
            loop.schedule(afterMilliseconds: 0, repeatMilliseconds: 1) {
                loop.execute {
                    loop.schedule(afterMilliseconds: 1_000_000) {}
                    TCPConnection.connect(on: loop, to: .loopback(port: 1), timeoutMilliseconds: 1_000) { result in
                        var code: EventLoopError.Code?
                        if case .failure(let error) = result {
                            code = error.code
                        }
                        outcome.update { $0.append(code) }
                    }
                }
            }
        }
        await outcome.wait { $0.count > 3 }
        await loop.stop()
        #expect(outcome.value.allSatisfy { $0 == .connect || $0 == .stopped })
        #expect(loop.counters.connections == 0)
    }
}
