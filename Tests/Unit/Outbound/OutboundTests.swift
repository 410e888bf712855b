import Application
import Bytes
import Launcher
import Support
import Telemetry
import Testing

@testable import Outbound

/// libcurl and the exporter, on loopback.
@Suite(.timeLimit(.minutes(2))) struct OutboundTests {
    private let registry = MetricsRegistry()

    private func exporter(_ endpoint: String) throws -> SpanExporter {
        try SpanExporter(
            endpoint: endpoint, version: "1.2.3", registry: registry,
            logger: Logger(level: .error, process: "test"))
    }

    private func metric(_ name: String) -> Int? {
        let lines = String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    @Test func asksAndGetsTheAnswerWhateverItsStatus() async throws {
        let server = try CollectorStub.start(status: 404)
        defer { server.close() }
        let (url, large) = (server.url, [UInt8](repeating: 0x61, count: 2_000_000))
        let answers = try await blocking {
            let client = try OutboundClient()
            let get = try client.exchange(OutboundRequest(url: "\(url)/a?b=c", timeoutMilliseconds: 10_000))
            let post = try client.exchange(
                OutboundRequest(
                    url: url, headers: ["Content-Type: text/plain"], body: large, timeoutMilliseconds: 10_000))
            let empty = try client.exchange(OutboundRequest(url: url, body: [], timeoutMilliseconds: 10_000))
            return [get, post, empty]
        }
        #expect(answers.allSatisfy { $0.status == 404 && $0.body == Array("{}".utf8) })
        #expect(server.requests.map(\.line) == ["GET /a?b=c HTTP/1.1", "POST / HTTP/1.1", "POST / HTTP/1.1"])
        #expect(server.requests.map(\.body.count) == [0, 2_000_000, 0])
        #expect(server.requests[1].headers.contains("Content-Type: text/plain"))
        #expect(!server.requests[1].headers.contains { $0.hasPrefix("Expect") })
    }

    @Test func aFaultIsNamed() async throws {
        let port = try LoopbackPort.free()
        let kinds = try await blocking {
            let client = try OutboundClient()
            return ["http://127.0.0.1:\(port)", "file:///etc/hostname", "http://", "gopher://127.0.0.1"].map { url in
                #expect(throws: OutboundError.self) {
                    try client.exchange(OutboundRequest(url: url, timeoutMilliseconds: 5000))
                }?.kind
            }
        }
        #expect(kinds == [.unreachable, .badURL, .badURL, .badURL])
    }

    @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
        let listener = try Listener()
        let port = listener.port
        let error = try await blocking {
            let client = try OutboundClient()
            return #expect(throws: OutboundError.self) {
                try client.exchange(OutboundRequest(url: "http://127.0.0.1:\(port)", timeoutMilliseconds: 100))
            }
        }
        #expect(error?.kind == .timedOut)
        #expect(error?.isRetriable == true)
    }

    @Test func spansGoOutInBatchesAndTheRestAtTheEnd() async throws {
        let collector = try CollectorStub.start()
        defer { collector.close() }
        let exporter = try exporter(collector.url + "/")
        for number in 0..<1300 {
            exporter.add(TracingFixture.span(UInt64(number)))
        }
        await exporter.stop()
        let exports = collector.requests
        #expect(exports.allSatisfy { $0.line == "POST /v1/traces HTTP/1.1" })
        #expect(exports.allSatisfy { $0.headers.contains("Content-Type: application/json") })
        #expect(exports.allSatisfy { ExportedSpan.spans(inExport: $0.body).count <= 512 })
        #expect(collector.spans.compactMap { $0.attributes["shoot.message.seq"] } == (0..<1300).map { "\($0)" })
        #expect(metric("shoot_spans_exported_total") == 1300)
        #expect(metric("shoot_spans_dropped_total") == 0)
        exporter.add(TracingFixture.span(1))
        #expect(metric("shoot_spans_dropped_total") == 1, "after its end it takes nothing")
    }

    @Test(arguments: [400, 503]) func aCollectorThatRefusesIsCounted(status: Int) async throws {
        let collector = try CollectorStub.start(status: status)
        defer { collector.close() }
        let exporter = try exporter(collector.url)
        exporter.add(TracingFixture.span(1))
        await exporter.stop()
        #expect(metric("shoot_span_exports_failed_total") == 1)
        #expect(metric("shoot_spans_dropped_total") == 1)
        #expect(metric("shoot_spans_exported_total") == 0)
    }

    @Test func aCollectorThatHangsCostsNobodyButItsSpans() async throws {
        let listener = try Listener()
        let exporter = try exporter("http://127.0.0.1:\(listener.port)")
        for number in 0..<20_000 {
            exporter.add(TracingFixture.span(UInt64(number)))
        }
        #expect((metric("shoot_spans_dropped_total") ?? 0) >= 20_000 - 8192 - 512)
        await exporter.stop()
        #expect(metric("shoot_spans_dropped_total") == 20_000)
    }
}
