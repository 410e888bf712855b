import Application
import Testing

@testable import Outbound

@Suite struct SpanQueueTests {
    private func add(_ count: Int, to queue: inout SpanQueue) -> [SpanQueue.Admission] {
        (0..<count).map { queue.add(TracingFixture.span(UInt64($0))) }
    }

    @Test func nothingIsTakenFromNothing() {
        var queue = SpanQueue(maxWaiting: 10, maxPerExport: 4)
        #expect(queue.isIdle)
        #expect(queue.take() == nil)
    }

    @Test func aWholeExportGoesAtOnceAndARestWhenItIsTime() throws {
        var queue = SpanQueue(maxWaiting: 10, maxPerExport: 4)
        #expect(add(4, to: &queue) == [.waits, .waits, .waits, .completesExport])
        #expect(queue.take()?.count == 4)
        #expect(!queue.isIdle)
        #expect(queue.exported() == false)
        #expect(queue.isIdle)
        #expect(add(1, to: &queue) == [.waits])
        #expect(queue.take()?.count == 1)
    }

    @Test func oneExportIsUnderWayAtATime() {
        var queue = SpanQueue(maxWaiting: 10, maxPerExport: 2)
        _ = add(2, to: &queue)
        #expect(queue.take()?.count == 2)
        #expect(add(3, to: &queue) == [.waits, .waits, .waits])
        #expect(queue.take() == nil)
        #expect(queue.exported() == true)
        #expect(queue.take()?.count == 2)
        #expect(queue.exported() == false)
        #expect(queue.take()?.count == 1)
    }

    @Test func theNewestAreDroppedPastTheBound() {
        var queue = SpanQueue(maxWaiting: 3, maxPerExport: 2)
        #expect(add(5, to: &queue) == [.waits, .completesExport, .completesExport, .dropped, .dropped])
        #expect(queue.take()?.compactMap(\.subject.seq) == [0, 1])
        #expect(add(3, to: &queue) == [.waits, .waits, .dropped])
    }

    @Test func aClosedOneTakesNothingAndGivesUpTheRest() {
        var queue = SpanQueue(maxWaiting: 10, maxPerExport: 2)
        _ = add(3, to: &queue)
        queue.close()
        #expect(add(1, to: &queue) == [.dropped])
        #expect(queue.take()?.count == 2)
        #expect(queue.abandon() == 1)
        #expect(queue.take() == nil)
        _ = queue.exported()
        #expect(queue.isIdle)
    }

    @Test func everySpanIsTakenOnceAndInOrder() {
        var queue = SpanQueue(maxWaiting: 100, maxPerExport: 7)
        var taken: [UInt64] = []
        for number in 0..<500 {
            _ = queue.add(TracingFixture.span(UInt64(number)))
            if number % 5 == 0, let spans = queue.take() {
                taken += spans.compactMap(\.subject.seq)
                _ = queue.exported()
            }
        }
        while let spans = queue.take() {
            taken += spans.compactMap(\.subject.seq)
            _ = queue.exported()
        }
        #expect(taken == (0..<500).map { UInt64($0) })
    }
}
