import Application
import Domain
import Testing
import WireProtocols

@testable import Outbound

/// Against the JSON mapping of opentelemetry-proto: ids in hexadecimal, 64-bit numbers as strings, enumerations as
/// numbers, names in lower camel case.
@Suite struct OTLPEncoderTests {
    private func json(_ spans: [TraceSpan]) throws -> JSONValue {
        try JSONValue(parsing: OTLPEncoder.body(spans, version: "1.2.3").span)
    }

    @Test func aSpanIsWrittenAsTheMappingSays() throws {
        let digits = Array("b7ad6b7169203331".utf8)
        let parent = SpanID(hex: digits.span)
        let context = try #require(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"))
        let span = TraceSpan(
            .deliver, context, parent: parent, process: TraceProcess(kind: .gateway, id: "g\"1"),
            from: WallTime(nanoseconds: 1_544_712_660_000_000_000),
            to: WallTime(nanoseconds: 1_544_712_661_000_000_001),
            subject: TraceSubject(
                roomID: ObjectID(hex: "68f0a1b2c3d4e5f601234567"), messageID: ObjectID(hex: "68f0a1b2c3d4e5f6fedcba98"),
                seq: 12, subscribers: 3))
        let text = String(decoding: OTLPEncoder.body([span], version: "1.2.3"), as: UTF8.self)
        let expected = [
            #"{"resourceSpans":[{"resource":{"attributes":["#,
            #"{"key":"service.name","value":{"stringValue":"shoot-gateway"}},"#,
            #"{"key":"service.instance.id","value":{"stringValue":"g\"1"}},"#,
            #"{"key":"service.version","value":{"stringValue":"1.2.3"}}]},"#,
            #""scopeSpans":[{"scope":{"name":"shoot","version":"1.2.3"},"spans":["#,
            #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","#,
            #""parentSpanId":"b7ad6b7169203331","name":"room.deliver","kind":5,"#,
            #""startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000001","attributes":["#,
            #"{"key":"shoot.gateway.id","value":{"stringValue":"g\"1"}},"#,
            #"{"key":"shoot.room.id","value":{"stringValue":"68f0a1b2c3d4e5f601234567"}},"#,
            #"{"key":"shoot.message.id","value":{"stringValue":"68f0a1b2c3d4e5f6fedcba98"}},"#,
            #"{"key":"shoot.message.seq","value":{"intValue":"12"}},"#,
            #"{"key":"shoot.subscribers","value":{"intValue":"3"}}]}]}]}]}"#,
        ]
        #expect(text == expected.joined())
    }

    @Test func aFaultIsAnErrorAndARootHasNoParent() throws {
        let body = try json([TracingFixture.span(1, fault: "a\nb")])
        let span = body["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array?.first
        #expect(span?["status"]?["code"]?.int64 == 2)
        #expect(span?["status"]?["message"]?.string == "a\nb")
        #expect(span?["parentSpanId"] == nil)
    }

    @Test func aSpanDoesNotEndBeforeItBegan() throws {
        let span = TraceSpan(
            .store, TracingFixture.context(1), parent: nil, process: TraceProcess(kind: .persister, id: "p"),
            from: WallTime(nanoseconds: 9), to: WallTime(nanoseconds: 5), subject: TraceSubject())
        let written = try json([span])["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array?
            .first
        #expect(written?["endTimeUnixNano"]?.string == "9")
        #expect(written?["attributes"]?.array?.isEmpty == true)
        #expect(span.nanoseconds == 0)
    }

    @Test func eachProcessIsAResource() throws {
        let other = TraceSpan(
            .store, TracingFixture.context(1), parent: nil, process: TraceProcess(kind: .persister, id: "p"),
            from: WallTime(nanoseconds: 1), to: WallTime(nanoseconds: 2), subject: TraceSubject())
        let body = try json([TracingFixture.span(1), other, TracingFixture.span(2)])
        let counts = body["resourceSpans"]?.array?.map { $0["scopeSpans"]?.array?.first?["spans"]?.array?.count }
        #expect(counts == [2, 1])
        let attributes = body["resourceSpans"]?.array?.last?["resource"]?["attributes"]?.array
        #expect(attributes?.first?["value"]?["stringValue"]?.string == "shoot-persister")
    }

    @Test func everyStageHasAKind() throws {
        for stage in TraceSpan.Stage.allCases {
            let span = TraceSpan(
                stage, TracingFixture.context(1), parent: nil, process: TracingFixture.process,
                from: WallTime(nanoseconds: 1), to: WallTime(nanoseconds: 2), subject: TraceSubject())
            let written = try json([span])["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?
                .array?.first
            #expect(written?["name"]?.string == stage.rawValue)
            #expect((2...5).contains(written?["kind"]?.int64 ?? 0))
        }
    }
}
