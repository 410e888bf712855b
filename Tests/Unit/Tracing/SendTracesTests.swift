import Application
import Bytes
import Domain
import Testing
import WireProtocols

@testable import Gateway

@Suite struct SendTracesTests {
    private let fixture = TracingFixture()
    private let client = TracingFixture.context(5)

    private func frames(_ traceparents: [String?]) throws -> [STOMPFrame] {
        try traceparents.map { traceparent in
            var out = ByteWriter()
            let headers = [("destination", "/app/chat")] + (traceparent.map { [("traceparent", $0)] } ?? [])
            STOMPEncoder(version: .v12).append(.send, headers: headers, body: [0x7B, 0x7D], to: &out)
            var decoder = STOMPDecoder(limits: STOMPLimits())
            var offset = 0
            let input = try decoder.next(in: out.bytes.span, at: &offset)
            guard case .frame(let frame) = input else { throw Refusal(.internalError, "no frame") }
            return frame
        }
    }

    private func messages(_ traces: SendTraces?, count: Int) throws -> [OutgoingMessage] {
        let tempID = try #require(TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        return (0..<count).map { index in
            OutgoingMessage(
                id: ObjectID(seconds: 1, process: 2, counter: UInt32(index)), senderID: UserID(rawValue: 1),
                tempID: tempID, members: [], trace: traces?.publishing(index))
        }
    }

    private var traceparent: String { String(decoding: client.traceparent, as: UTF8.self) }

    @Test(arguments: [nil, "", "nonsense", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"])
    func whatIsNotTracedHasNothing(traceparent: String?) throws {
        let tracer = fixture.tracer()
        #expect(SendTraces(try frames([traceparent]), tracer: tracer, mayTrace: { true }) == nil)
    }

    @Test func aMalformedTraceIsBegunAnewWhereSamplingSaysSo() throws {
        let traces = SendTraces(try frames(["nonsense"]), tracer: fixture.tracer(sampleRatio: 1), mayTrace: { true })
        #expect(traces != nil)
    }

    @Test func nothingIsTracedPastTheAllowance() throws {
        let traces = SendTraces(try frames([traceparent]), tracer: fixture.tracer(), mayTrace: { false })
        #expect(traces == nil)
    }

    @Test func stagesFollowEachOtherAndAreBelowEachOther() throws {
        let traces = try #require(
            SendTraces(try frames([nil, traceparent]), tracer: fixture.tracer(), mayTrace: { true }))
        let messages = try messages(traces, count: 2)
        #expect(messages[0].trace == nil)
        let published = try #require(messages[1].trace)
        let underWay = traces.accepted(messages, in: TracingFixture.room)
        let (id, time) = (messages[1].id, Timestamp(milliseconds: 9))
        underWay.answered(
            [.inLog(id: messages[0].id, seq: 7, createdAt: time), .inLog(id: id, seq: 8, createdAt: time)], messages,
            in: TracingFixture.room)
        let (receive, publish) = (fixture.spans[0], fixture.spans[1])
        #expect(fixture.spans.count == 2)
        #expect(receive.stage == .receive)
        #expect(receive.parent == client.spanID)
        #expect(receive.subject == TraceSubject(roomID: TracingFixture.room, messageID: id))
        #expect(publish.stage == .publish)
        #expect(publish.context == published)
        #expect(publish.parent == receive.context.spanID)
        #expect(publish.start == receive.end)
        #expect(publish.subject == TraceSubject(roomID: TracingFixture.room, messageID: id, seq: 8))
        #expect(fixture.spans.allSatisfy { $0.context.traceID == client.traceID && $0.fault == nil })
    }

    @Test func refusalsAreFaults() throws {
        let traces = try #require(SendTraces(try frames([traceparent]), tracer: fixture.tracer(), mayTrace: { true }))
        traces.refused(.invalid("roomId", "missing"), room: nil)
        let messages = try messages(traces, count: 1)
        traces.accepted(messages, in: TracingFixture.room).answered([.unknown], messages, in: TracingFixture.room)
        traces.answered([.refused(Refusal(.busy, "full"))], messages, in: TracingFixture.room)
        #expect(fixture.spans.map(\.fault) == ["VALIDATION_FAILED", nil, "OUTCOME_UNKNOWN", "BUSY"])
    }

    @Test func aDeliveryIsRecordedByTheLastLoop() throws {
        let trace = DeliveryTrace(
            tracer: fixture.tracer(), parent: client, loops: 2,
            subject: TraceSubject(roomID: TracingFixture.room, seq: 3))
        trace.reached(5)
        #expect(fixture.spans.isEmpty)
        trace.reached(2)
        let span = try #require(fixture.spans.first)
        #expect(span.stage == .deliver)
        #expect(span.parent == client.spanID)
        #expect(span.context.traceID == client.traceID)
        #expect(span.subject == TraceSubject(roomID: TracingFixture.room, seq: 3, subscribers: 7))
    }
}
