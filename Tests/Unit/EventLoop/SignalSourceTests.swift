import EventLoop
import Glibc
import Support
import Testing

@Suite("Signals", .timeLimit(.minutes(5)))
struct SignalSourceTests {
    @Test("A signal reaches the loop each time it comes, instead of ending the process")
    func delivered() async throws {
        try await withLoop { loop in
            let count = Observed(0)
            try await loop.submit {
                try SignalSource.observe(.hangUp, on: loop) { count.update { $0 += 1 } }
                return
            }
            kill(getpid(), SIGHUP)
            await count.wait { $0 == 1 }
            kill(getpid(), SIGHUP)
            await count.wait { $0 == 2 }
        }
    }
}
