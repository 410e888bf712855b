import Bytes
import Domain
import Testing

@testable import Gateway
@testable import Shoot

@Suite struct TraceRoutesTests {
    @Test func whatIsServedIsReadByTheCommand() throws {
        var out = ByteWriter()
        let spans = [TracingFixture.span(5), TracingFixture.span(6, fault: "no \"room\"")]
        let trace = TracingFixture.context(1).traceID
        out.append("{\"success\":true,\"data\":")
        TraceRoutes.write(spans, of: trace, into: &out)
        out.append("}")
        let stages = try #require(TracedStage.stages(inAnswer: out.bytes))
        #expect(stages.map(\.name) == ["room.publish", "room.publish"])
        #expect(stages.map(\.process) == ["gateway gateway-1", "gateway gateway-1"])
        #expect(stages.map(\.start) == [5, 6])
        #expect(stages.map(\.duration) == [1, 1])
        #expect(stages.map(\.seq) == [5, 6])
        #expect(stages.map(\.parentID) == [nil, nil])
        #expect(stages.map(\.fault) == [nil, "no \"room\""])
        #expect(stages.first?.spanID == "\(TracingFixture.context(1).spanID)")
    }

    @Test(arguments: ["", "{}", "[]", "{\"data\":{}}", "{\"data\":{\"spans\":1}}"])
    func anotherAnswerIsNone(text: String) {
        #expect(TracedStage.stages(inAnswer: Array(text.utf8)) == nil)
    }

    @Test func aTraceThatIsNotKnownHasNoSpans() {
        var out = ByteWriter()
        let trace = TracingFixture.context(1).traceID
        TraceRoutes.write([], of: trace, into: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == "{\"traceId\":\"\(trace)\",\"spans\":[]}")
    }
}
