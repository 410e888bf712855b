import Testing

@testable import Redis

@Suite struct RedisProbeTests {
    @Test func isHeardAsLongAsEachComesBack() {
        var probe = RedisProbe()
        for number: UInt64 in 1...5 {
            let next = probe.next()
            #expect(next.verdict == .heard && next.number == number)
            probe.heard(number)
        }
    }

    @Test func isMissedThenDead() {
        var probe = RedisProbe()
        let verdicts = (0...RedisLimits.missedProbes).map { _ in probe.next().verdict }
        #expect(verdicts == [.heard, .missed, .missed, .dead])
    }

    @Test func aLateOneShowsThatTheConnectionLives() {
        var probe = RedisProbe()
        _ = probe.next()
        for _ in 0..<10 {
            let (verdict, number) = probe.next()
            #expect(verdict == .missed)
            probe.heard(number - 1)
        }
    }

    @Test func whatWasNotPublishedIsMissedButNoSignOfDeath() {
        var probe = RedisProbe()
        _ = probe.next()
        for _ in 0..<10 {
            probe.publishFailed()
            #expect(probe.next().verdict == .missed)
        }
    }

    @Test func aNewConnectionBeginsAnew() {
        var probe = RedisProbe()
        _ = probe.next()
        _ = probe.next()
        probe.restart()
        #expect(probe.next().verdict == .heard)
        probe.heard(1)
        #expect(probe.next().verdict == .missed)
    }
}
