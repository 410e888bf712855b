import Application
import Domain
import Testing

@testable import Outbound

/// When alerts go out, and when not.
@Suite struct AlertQueueTests {
    private let first = EntryID(ObjectID(seconds: 1, process: 1, counter: 1), Position(seq: 1))
    private let second = EntryID(ObjectID(seconds: 1, process: 1, counter: 1), Position(seq: 2))

    @Test func theFirstGoesAtOnceAndTheNextTogether() {
        var queue = AlertQueue()
        #expect(queue.take(at: 0) == nil)
        queue.add([first])
        #expect(queue.take(at: 0) == .init(count: 1, first: first))
        queue.add([second, first])
        #expect(queue.take(at: 0) == nil, "one is under way")
        queue.delivered(at: 500)
        queue.add([first])
        #expect(queue.take(at: 10_499) == nil)
        #expect(queue.take(at: 10_500) == .init(count: 3, first: second))
        #expect(!queue.isIdle)
    }

    @Test func aFailedOneIsTriedAgainAfterGrowingPausesWithWhatCameMeanwhile() throws {
        var queue = AlertQueue()
        queue.add([first])
        let alertTaken = queue.take(at: 0)
        var alert = try #require(alertTaken)
        queue.add([second])
        for (now, pause) in [(0, 1000), (1000, 2000), (3000, 4000)] as [(UInt64, UInt64)] {
            #expect(queue.failed(alert, isFinal: false, at: now) == .waits)
            #expect(!queue.isOpen)
            #expect(queue.take(at: now + pause - 1) == nil)
            let alertTaken = queue.take(at: now + pause)
            alert = try #require(alertTaken)
            #expect(alert.count == 2)
            #expect(alert.first == first)
        }
    }

    @Test func aWebhookThatFailsIsLeftAloneUntilOneAttemptSucceeds() throws {
        var queue = AlertQueue(limits: AlertLimits(failuresToOpen: 2, openMilliseconds: 60_000))
        queue.add([first])
        var now: UInt64 = 0
        for _ in 0..<2 {
            let alertTaken = queue.take(at: now)
            let alert = try #require(alertTaken)
            _ = queue.failed(alert, isFinal: false, at: now)
            now += 1000
        }
        #expect(queue.isOpen)
        queue.add([second])
        #expect(queue.take(at: 60_999) == nil)
        let probeTaken = queue.take(at: 61_000)
        let probe = try #require(probeTaken)
        #expect(queue.failed(probe, isFinal: false, at: 61_000) == .waits)
        #expect(queue.isOpen)
        #expect(queue.take(at: 120_999) == nil)
        #expect(queue.take(at: 121_000)?.count == 2)
        queue.delivered(at: 121_000)
        #expect(!queue.isOpen)
    }

    @Test func attemptsAreBounded() throws {
        var queue = AlertQueue(limits: AlertLimits(maxAttempts: 3))
        queue.add([first])
        var outcomes: [AlertQueue.Failure] = []
        for now in stride(from: UInt64(0), to: 1_000_000, by: 100_000) {
            guard let alert = queue.take(at: now) else { break }
            outcomes.append(queue.failed(alert, isFinal: false, at: now))
        }
        #expect(outcomes == [.waits, .waits, .givenUp])
        // A new one has attempts of its own.
        queue.add([second])
        let alertTaken = queue.take(at: 2_000_000)
        let alert = try #require(alertTaken)
        #expect(queue.failed(alert, isFinal: false, at: 2_000_000) == .waits)
    }

    @Test func whatIsRefusedForGoodIsGivenUpAtOnce() throws {
        var queue = AlertQueue()
        queue.add([first])
        let alertTaken = queue.take(at: 0)
        let alert = try #require(alertTaken)
        #expect(queue.failed(alert, isFinal: true, at: 0) == .givenUp)
        #expect(queue.take(at: 1_000_000) == nil)
    }

    @Test func aClosedOneTakesNothingMoreAndTriesOnceMore() throws {
        var queue = AlertQueue()
        queue.add([first])
        _ = queue.take(at: 0)
        queue.add([second])
        queue.delivered(at: 0)
        queue.close()
        queue.add([first])
        let lastTaken = queue.takeAnyway()
        let last = try #require(lastTaken)
        #expect(last.count == 1)
        #expect(queue.failed(last, isFinal: false, at: 0) == .givenUp)
        #expect(queue.takeAnyway() == nil)
    }
}
