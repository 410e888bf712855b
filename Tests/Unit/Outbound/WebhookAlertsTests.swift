import Application
import Domain
import Launcher
import Support
import Telemetry
import Testing

@testable import Outbound

/// Alerts on their way to a server on loopback.
@Suite(.timeLimit(.minutes(2))) struct WebhookAlertsTests {
    private let registry = MetricsRegistry()
    private let letter = EntryID(ObjectID(seconds: 1, process: 1, counter: 1), Position(seq: 12))

    private func alerts(_ url: String, _ limits: AlertLimits = AlertLimits()) throws -> WebhookAlerts {
        try WebhookAlerts(
            url: url, limits: limits, registry: registry, logger: Logger(level: .error, process: "test"))
    }

    private func metric(_ name: String) -> Int? {
        let lines = String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    @Test func postsWhatSlackTakes() async throws {
        let server = try CollectorStub.start()
        defer { server.close() }
        let alerts = try alerts(server.url + "/services/T/B/secret")
        alerts.add([letter])
        await alerts.stop()
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1)
        #expect(request.line == "POST /services/T/B/secret HTTP/1.1")
        #expect(request.headers.contains("Content-Type: application/json"))
        let json = JSONNode(request.body)
        #expect(json.keys == ["text"])
        #expect(json["text"].string?.contains("\(letter)") == true)
        #expect(metric("shoot_alerts_sent_total") == 1)
        #expect(metric("shoot_alerts_failed_total") == 0)
    }

    @Test func aServerThatFailsOpensTheBreaker() async throws {
        let server = try CollectorStub.start(status: 500)
        defer { server.close() }
        let alerts = try alerts(server.url, AlertLimits(firstRetryMilliseconds: 1, failuresToOpen: 2))
        alerts.add([letter])
        while metric("shoot_alerts_breaker_open") != 1 {
            alerts.tick()
            await Task.yield()
        }
        #expect(server.requests.count == 2)
        alerts.add([letter])
        #expect(server.requests.count == 2, "it is left alone")
        await alerts.stop()
        #expect(server.requests.count == 3, "but for a last attempt")
        #expect(metric("shoot_alerts_failed_total") == 3)
        #expect(metric("shoot_alerts_dropped_total") == 1)
    }

    @Test func aWebhookThatIsWithdrawnIsNotAskedAgain() async throws {
        let server = try CollectorStub.start(status: 404)
        defer { server.close() }
        let alerts = try alerts(server.url, AlertLimits(firstRetryMilliseconds: 1))
        alerts.add([letter])
        while metric("shoot_alerts_dropped_total") != 1 {
            await Task.yield()
        }
        await alerts.stop()
        #expect(server.requests.count == 1)
    }

    @Test func aServerThatDoesNotAnswerHoldsNobodyUp() async throws {
        let listener = try Listener()
        let alerts = try alerts(
            "http://127.0.0.1:\(listener.port)",
            AlertLimits(timeoutMilliseconds: 50, flushMilliseconds: 50))
        alerts.add([letter])
        await alerts.stop()
        #expect(metric("shoot_alerts_sent_total") == 0)
        #expect((metric("shoot_alerts_failed_total") ?? 0) >= 1)
    }
}
