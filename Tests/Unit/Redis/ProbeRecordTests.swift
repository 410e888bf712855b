import Support
import Synchronization
import Testing

@testable import Redis

@Suite struct ProbeRecordTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private var record: ProbeRecord { ProbeRecord { [clock] in clock.now } }

    @Test func isFaultyUntilTheFirstComesBack() throws {
        let record = record
        #expect(try #require(record.fault(limit: .seconds(5))).contains("not sent yet"))
        record.failed("connection refused")
        #expect(try #require(record.fault(limit: .seconds(5))).contains("connection refused"))
        record.cameBack()
        #expect(record.fault(limit: .seconds(5)) == nil)
    }

    @Test func isFaultyWhenNoneHasComeBackForTheLimit() throws {
        let record = record
        record.cameBack()
        clock.advance(.seconds(5))
        #expect(record.fault(limit: .seconds(5)) == nil)
        clock.advance(.milliseconds(1))
        record.failed("was written and did not come back")
        let fault = try #require(record.fault(limit: .seconds(5)))
        #expect(fault.contains("for 5 s") && fault.contains("did not come back"))
        record.cameBack()
        #expect(record.fault(limit: .seconds(5)) == nil)
    }

    @Test func whatFailsBetweenTwoThatComeBackIsNoFault() {
        let record = record
        record.cameBack()
        record.failed("connection lost")
        clock.advance(.seconds(1))
        #expect(record.fault(limit: .seconds(5)) == nil)
    }
}
