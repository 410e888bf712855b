import Application
import Testing

@testable import Gateway

@Suite struct MessageAllowanceTests {
    private func lot(_ count: Int, minute: UInt64 = 1, for milliseconds: UInt64 = 60_000) -> AllowanceLot {
        AllowanceLot(count: count, minute: minute, milliseconds: milliseconds)
    }

    @Test func theFirstMessageWaitsForALotAndTheNextDoNot() {
        var allowance = MessageAllowance()
        #expect(allowance.take(1, now: 0) == .wait)
        #expect(allowance.ask(for: 1, now: 0) == 1)
        #expect(allowance.ask(for: 1, now: 0) == nil, "one question at a time")
        #expect(allowance.answered(lot(4), now: 0) == .decide)
        for _ in 0..<4 {
            #expect(allowance.take(1, now: 1) == .go)
        }
        #expect(allowance.take(1, now: 1) == .wait)
    }

    @Test func theNextLotIsAskedForAheadOfNeed() {
        var allowance = MessageAllowance()
        _ = allowance.take(1, now: 0)
        _ = allowance.ask(for: 1, now: 0)
        _ = allowance.answered(lot(4), now: 0)
        #expect(allowance.take(1, now: 0) == .go)
        #expect(allowance.ask(for: 0, now: 0) == nil)
        #expect(allowance.take(1, now: 0) == .go)
        #expect(allowance.ask(for: 0, now: 0) == 1)
        #expect(allowance.answered(lot(3), now: 0) == .decide)
        #expect(allowance.left == 5)
    }

    @Test func isRefusedOnlyWhenAskedTwice() {
        var allowance = MessageAllowance()
        _ = allowance.take(1, now: 0)
        _ = allowance.ask(for: 1, now: 0)
        #expect(allowance.answered(lot(0, for: 20_000), now: 0) == .askAgain)
        #expect(allowance.take(1, now: 100) == .wait)
        #expect(allowance.ask(for: 1, now: 100) == 1)
        #expect(allowance.answered(lot(0, for: 19_900), now: 100) == .decide)
        #expect(allowance.take(1, now: 100) == .refuse(retryAfterMilliseconds: 19_900))
        #expect(allowance.ask(for: 1, now: 200) == nil)
        // Somebody may have given back meanwhile.
        #expect(allowance.take(1, now: 1100) == .wait)
        #expect(allowance.ask(for: 1, now: 1100) == 1)
    }

    @Test func whatIsTooMuchTogetherIsRefusedAndLessGoes() {
        var allowance = MessageAllowance()
        _ = allowance.take(5, now: 0)
        #expect(allowance.ask(for: 5, now: 0) == 5)
        #expect(allowance.answered(lot(3), now: 0) == .askAgain)
        #expect(allowance.ask(for: 5, now: 100) == 2)
        #expect(allowance.answered(lot(0), now: 100) == .decide)
        #expect(allowance.take(5, now: 100) == .refuse(retryAfterMilliseconds: 60_000))
        #expect(allowance.take(3, now: 100) == .go)
    }

    @Test func nothingOfAMinuteIsLeftForTheNext() {
        var allowance = MessageAllowance()
        _ = allowance.take(1, now: 0)
        _ = allowance.ask(for: 1, now: 0)
        _ = allowance.answered(lot(9, for: 1000), now: 0)
        #expect(allowance.take(1, now: 999) == .go)
        #expect(allowance.take(1, now: 1000) == .wait)
        #expect(allowance.ask(for: 1, now: 1000) == 1)
        #expect(allowance.answered(lot(2, minute: 2), now: 1000) == .decide)
        allowance.putBack(1, minute: 1)
        #expect(allowance.left == 2)
        allowance.putBack(1, minute: 2)
        #expect(allowance.left == 3)
        #expect(allowance.takeLeft(now: 2000) == 3)
        #expect(allowance.takeLeft(now: 2000) == nil)
    }

    @Test func aQuestionThatFailedMayBePutAgain() {
        var allowance = MessageAllowance()
        _ = allowance.take(1, now: 0)
        _ = allowance.ask(for: 1, now: 0)
        allowance.failed()
        #expect(allowance.isOver(now: 0))
        #expect(allowance.ask(for: 1, now: 0) == 1)
        #expect(!allowance.isOver(now: 0))
    }
}
