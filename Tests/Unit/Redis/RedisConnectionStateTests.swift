import EventLoop
import Testing

@testable import Redis

@Suite struct RedisConnectionStateTests {
    private static var plain: RedisConfiguration { RedisConfiguration(endpoint: HostPort(host: "h", port: 1)) }

    private static var full: RedisConfiguration {
        var configuration = plain
        configuration.password = "p"
        configuration.database = 3
        configuration.clientName = "n"
        return configuration
    }

    /// A connection that became ready at `now`.
    private func ready(now: UInt64 = 0) -> RedisConnectionState {
        var state = RedisConnectionState(Self.plain)
        _ = state.start()
        _ = state.transportOpened()
        _ = state.handshakeAnswered(isError: false, now: now)
        return state
    }

    @Test func becomesReadyWhenTheWholeHandshakeIsAnswered() {
        var state = RedisConnectionState(Self.full)
        #expect(state.start() == .connect)
        #expect(state.start() == .nothing)
        #expect(state.transportOpened() == .sendHandshake([.authenticate, .selectDatabase, .setName, .ping]))
        for _ in 0..<3 {
            #expect(state.handshakeAnswered(isError: false, now: 0) == .nothing)
            #expect(!state.isReady)
        }
        #expect(state.handshakeAnswered(isError: false, now: 0) == .becomeReady)
        #expect(state.isReady)
    }

    @Test func asksOnlyForWhatIsConfigured() {
        var state = RedisConnectionState(Self.plain)
        _ = state.start()
        #expect(state.transportOpened() == .sendHandshake([.ping]))
    }

    @Test func givesUpWhereAStepIsRefusedButNotForAName() {
        var state = RedisConnectionState(Self.full)
        _ = state.start()
        _ = state.transportOpened()
        var refusedAtOnce = state
        #expect(refusedAtOnce.handshakeAnswered(isError: true, now: 0) == .giveUp(.authenticate))
        _ = state.handshakeAnswered(isError: false, now: 0)
        _ = state.handshakeAnswered(isError: false, now: 0)
        #expect(state.handshakeAnswered(isError: true, now: 0) == .nothing)
        #expect(state.handshakeAnswered(isError: true, now: 0) == .giveUp(.ping))
        #expect(state.transportLost(now: 0, random: 0) == .retry(afterMilliseconds: 50, wasReady: false))
    }

    @Test func backsOffLongerWithEachFailure() {
        var state = RedisConnectionState(Self.plain)
        _ = state.start()
        var waits: [UInt64] = []
        for _ in 0..<8 {
            guard case .retry(let milliseconds, false) = state.transportLost(now: 0, random: 0) else { return }
            waits.append(milliseconds)
            #expect(state.backoffElapsed() == .connect)
        }
        #expect(waits == [50, 100, 200, 400, 800, 1_600, 2_000, 2_000])
    }

    @Test func spreadsTheAttemptsOverHalfTheWait() {
        for failures: UInt64 in [0, 3, 6, 1_000] {
            let whole = RedisConnectionState.backoff(failures: failures, random: 0)
            let all = (0...whole).map { RedisConnectionState.backoff(failures: failures, random: $0) }
            #expect(all.max() == whole && all.min() == whole - whole / 2)
        }
    }

    @Test func aConnectionThatHeldBeginsAnewWithShortWaits() {
        var state = ready(now: 1_000)
        let lost = state.transportLost(now: 1_000 + RedisLimits.maxBackoffMilliseconds, random: 0)
        #expect(lost == .retry(afterMilliseconds: 50, wasReady: true))
    }

    @Test func aConnectionThatKeepsBreakingAtOnceIsTriedLessAndLess() {
        var state = ready()
        var waits: [UInt64] = []
        for _ in 0..<4 {
            guard case .retry(let milliseconds, true) = state.transportLost(now: 1, random: 0) else { return }
            waits.append(milliseconds)
            _ = state.backoffElapsed()
            _ = state.transportOpened()
            _ = state.handshakeAnswered(isError: false, now: 0)
        }
        #expect(waits == [50, 100, 200, 400])
    }

    @Test func nothingFollowsAClose() {
        var whileReady = ready()
        whileReady.close()
        #expect(!whileReady.isReady)
        #expect(whileReady.transportLost(now: 0, random: 0) == .nothing)
        #expect(whileReady.backoffElapsed() == .nothing)
        #expect(whileReady.start() == .nothing)
        var whileConnecting = RedisConnectionState(Self.plain)
        _ = whileConnecting.start()
        whileConnecting.close()
        #expect(whileConnecting.transportOpened() == .nothing)
    }
}
