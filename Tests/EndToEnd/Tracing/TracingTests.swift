import Foundation
import Launcher
import Support
import Testing

/// A message followed from its client into MongoDB, by what a collector is told.
@Suite(.timeLimit(.minutes(3))) struct TracingTests {
    private static let stages: Set = [
        "stomp.receive", "room.publish", "room.deliver", "persist.claim", "persist.store", "persist.finish",
    ]
    private static let clientSpan = "b7ad6b7169203331"

    /// A trace id that nobody else has.
    private static func newTrace() -> String { UUID().uuidString.lowercased().replacing("-", with: "") }

    private func send(
        _ text: String, to room: String, as client: ChatClient, traceparent: String?
    ) async throws {
        let body = try ChatClient.body(text, to: room, tempID: ChatClient.newTempID())
        try await blocking { [stomp = client.stomp] in
            let receipt = UUID().uuidString
            let headers = traceparent.map { [("traceparent", $0)] } ?? []
            try stomp.send("/app/chat", body: body, receipt: receipt, headers: headers)
            try stomp.awaitReceipt(receipt)
        }
    }

    @Test func aTracedMessageHasASpanForEachStageInEachProcess() async throws {
        let collector = try CollectorStub.start()
        defer { collector.close() }
        try await Cluster.run(settings: ["SHOOT_TELEMETRY_OTLP_ENDPOINT": collector.url]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0], gateway: 0)
            let reader = try await cluster.connect(users[1], gateway: 1)
            try await sender.watchMessages(of: room)
            try await reader.watchMessages(of: room)
            let trace = Self.newTrace()
            // Not recorded: without a trace, in one that its sender does not record, in one that is malformed.
            for traceparent in [nil, "00-\(Self.newTrace())-\(Self.clientSpan)-00", "00-\(trace)-01"] {
                try await send("secret text", to: room, as: sender, traceparent: traceparent)
            }
            try await send("secret text", to: room, as: sender, traceparent: "00-\(trace)-\(Self.clientSpan)-01")
            let received = try #require(try await reader.messages(4).last)
            let spans = try await eventually("all spans") {
                let spans = collector.spans
                let isWhole = Set(spans.map(\.name)) == Self.stages && spans.count { $0.name == "room.deliver" } == 2
                return isWhole ? spans : nil
            }

            #expect(Set(spans.map(\.traceID)) == [trace])
            #expect(Set(spans.map(\.spanID)).count == spans.count)
            let receive = try #require(spans.first { $0.name == "stomp.receive" })
            let publish = try #require(spans.first { $0.name == "room.publish" })
            #expect(receive.parentID == Self.clientSpan)
            #expect(publish.parentID == receive.spanID)
            for span in spans where span != receive && span != publish {
                #expect(span.parentID == publish.spanID, "\(span.name)")
            }
            let deliveries = spans.filter { $0.name == "room.deliver" }
            #expect(Set(deliveries.map(\.instance)) == ["gateway-1", "gateway-2"])
            #expect(deliveries.allSatisfy { $0.attributes["shoot.subscribers"] == "1" })
            #expect(deliveries.allSatisfy { $0.attributes["shoot.gateway.id"] == $0.instance })
            #expect(receive.instance == "gateway-1" && publish.instance == "gateway-1")
            let persisting = spans.filter { $0.name.hasPrefix("persist.") }
            #expect(persisting.allSatisfy { $0.service == "shoot-persister" })
            for span in spans {
                #expect(span.start <= span.end)
                #expect(span.attributes["shoot.room.id"] == room)
                #expect(span.attributes["shoot.message.id"] == received.id)
                #expect(span == receive || span.attributes["shoot.message.seq"] == "4", "\(span.name)")
                #expect(!span.isFailed)
            }
            let told = collector.requests.map { String(decoding: $0.body, as: UTF8.self) }.joined()
            #expect(!told.contains("secret"))
        }
    }

    @Test func whatWasRecordedGoesOutBeforeTheProcessEnds() async throws {
        let collector = try CollectorStub.start()
        defer { collector.close() }
        let settings = ["SHOOT_TELEMETRY_OTLP_ENDPOINT": collector.url, "SHOOT_TELEMETRY_SAMPLE_RATIO": "1"]
        try await Cluster.run(gateways: 1, settings: settings) { cluster in
            let users = try await cluster.signUp(1)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            try await send("traced by the ratio", to: room, as: sender, traceparent: nil)
            #expect(try await cluster.gateways[0].terminate() == 0)
            let spans = collector.spans.filter { $0.service == "shoot-gateway" }
            #expect(Set(spans.map(\.name)).isSuperset(of: ["stomp.receive", "room.publish"]))
            #expect(spans.first { $0.name == "stomp.receive" }?.parentID == nil)
        }
    }

    @Test func messagesFlowWhileTheCollectorIsAway() async throws {
        let nobody = "http://127.0.0.1:\(try LoopbackPort.free())"
        try await Cluster.run(gateways: 1, settings: ["SHOOT_TELEMETRY_OTLP_ENDPOINT": nobody]) { cluster in
            let users = try await cluster.signUp(1)
            let room = try await cluster.makeRoom(users)
            let client = try await cluster.connect(users[0])
            try await client.watchMessages(of: room)
            for number in 1...20 {
                try await send(
                    "\(number)", to: room, as: client, traceparent: "00-\(Self.newTrace())-\(Self.clientSpan)-01")
            }
            #expect(try await client.messages(20).map(\.seq) == Array(1...20))
            try await cluster.awaitStored(upTo: 20, in: room, as: users[0])
            for process in [cluster.gateways[0], cluster.persister] {
                let http = HTTPClient(port: process.httpPort)
                _ = try await eventually("failed exports are counted") {
                    let text = try await blocking { try http.request("GET", "/metrics") }.text
                    let lines = text.split(separator: "\n")
                    let isCounted = ["shoot_span_exports_failed_total", "shoot_spans_dropped_total"].allSatisfy {
                        name in
                        lines.contains { $0.hasPrefix("\(name) ") && !$0.hasSuffix(" 0") }
                    }
                    return isCounted ? true : nil
                }
                #expect(process.log.contains("spans.export_failed"))
            }
            #expect(try await cluster.gateways[0].terminate() == 0)
        }
    }
}
