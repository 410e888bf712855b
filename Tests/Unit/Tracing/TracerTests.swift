import Application
import Domain
import Testing

@Suite struct TracerTests {
    private let fixture = TracingFixture()

    @Test func aSampledTraceIsGoneOnWithWhateverTheRatio() throws {
        let received = TracingFixture.context(1)
        for ratio in [0, 0.5, 1] {
            let begun = try #require(fixture.tracer(sampleRatio: ratio).begin(received))
            #expect(begun.traceID == received.traceID)
            #expect(begun.spanID != received.spanID)
            #expect(begun.isSampled)
        }
    }

    @Test func aTraceThatItsSenderDoesNotRecordIsNotRecordedHere() {
        for ratio in [0, 1] as [Double] {
            #expect(fixture.tracer(sampleRatio: ratio).begin(TracingFixture.context(1, isSampled: false)) == nil)
        }
    }

    @Test func withoutATraceTheRatioDecides() throws {
        #expect(fixture.tracer().begin(nil) == nil)
        #expect(!fixture.tracer().beginsTraces)
        let all = fixture.tracer(sampleRatio: 1)
        let begun = try (0..<100).map { _ in try #require(all.begin(nil)) }
        #expect(Set(begun.map(\.traceID)).count == 100)
        let half = fixture.tracer(sampleRatio: 0.5)
        let count = (0..<1000).count { _ in half.begin(nil) != nil }
        #expect((300...700).contains(count))
    }

    @Test func aSpanHasWhatWasRecorded() throws {
        let tracer = fixture.tracer()
        let (begun, context) = (tracer.now, TracingFixture.context(1))
        tracer.record(.store, context, parent: nil, from: begun, TraceSubject(seq: 4), fault: "away")
        let span = try #require(fixture.spans.first)
        #expect(span.stage == .store)
        #expect(span.context == context)
        #expect(span.process == TracingFixture.process)
        #expect(span.nanoseconds == 1000)
        #expect(span.subject.seq == 4)
        #expect(span.fault == "away")
    }

    @Test func anAllowanceIsForEachSecond() {
        var allowance = TraceAllowance(perSecond: 3)
        let taken = [1500, 1500, 1500, 1500, 1999, 2000, 2000, 2000, 2000, 9000].map { allowance.take(at: $0) }
        #expect(taken == [true, true, true, false, false, true, true, true, false, true])
    }

    @Test func recentSpansAreTheNewestOfEachTrace() {
        let recent = RecentSpans(capacity: 4)
        let (one, other) = (TracingFixture.context(1).traceID, TracingFixture.context(2).traceID)
        #expect(recent.spans(of: one).isEmpty)
        for number in 1...3 {
            recent.add(TracingFixture.span(UInt64(10 - number)))
        }
        #expect(recent.spans(of: one).compactMap(\.subject.seq) == [7, 8, 9])
        for number in 20...22 {
            recent.add(TracingFixture.span(UInt64(number), trace: 2))
        }
        #expect(recent.spans(of: one).compactMap(\.subject.seq) == [7])
        #expect(recent.spans(of: other).compactMap(\.subject.seq) == [20, 21, 22])
    }
}
