import EventLoop
import Support
import Testing

@Suite("Timers", .timeLimit(.minutes(5)))
struct LoopTimerTests {
    @Test("Timers fire in the order of their times")
    func order() async throws {
        try await withLoop { loop in
            let fired = Observed<[Int]>([])
            try await loop.submit {
                for delay in [30, 1, 20, 10] {
                    loop.schedule(afterMilliseconds: UInt64(delay)) { fired.update { $0.append(delay) } }
                }
            }
            let seen = await fired.wait { $0.count == 4 }
            #expect(seen == [1, 10, 20, 30])
        }
    }

    @Test("A timer is not early by the loop's clock")
    func notEarly() async throws {
        try await withLoop { loop in
            let times = Observed<[UInt64]>([])
            try await loop.submit {
                let start = loop.now
                loop.schedule(afterMilliseconds: 40) {
                    let passed = loop.now - start
                    times.update { $0.append(passed) }
                }
            }
            let passed = await times.wait { !$0.isEmpty }
            #expect(passed[0] >= 40)
        }
    }

    @Test("A repeating timer fires until it is cancelled, from within its own body too")
    func repeating() async throws {
        try await withLoop { loop in
            let fired = Observed(0)
            try await loop.submit {
                var timer: LoopTimer?
                timer = loop.schedule(afterMilliseconds: 1, repeatMilliseconds: 1) {
                    fired.update { $0 += 1 }
                    if fired.value == 3 {
                        timer?.cancel()
                        loop.schedule(afterMilliseconds: 20) { fired.update { $0 += 100 } }
                    }
                }
            }
            #expect(await fired.wait { $0 >= 100 } == 103)
        }
    }

    @Test("A cancelled timer does not fire, and may be cancelled again")
    func cancelled() async throws {
        try await withLoop { loop in
            let fired = Observed<[String]>([])
            try await loop.submit {
                let timer = loop.schedule(afterMilliseconds: 1) { fired.update { $0.append("cancelled") } }
                timer.cancel()
                timer.cancel()
                loop.schedule(afterMilliseconds: 10) { fired.update { $0.append("other") } }
            }
            #expect(await fired.wait { !$0.isEmpty } == ["other"])
        }
    }
}
