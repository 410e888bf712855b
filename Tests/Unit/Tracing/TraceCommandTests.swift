import Domain
import Testing

@testable import Shoot

@Suite struct TraceCommandTests {
    private static let room = "68f0a1b2c3d4e5f601234567"

    @Test func optionsAreRead() throws {
        let room = try #require(RoomID(hex: Self.room))
        #expect(
            try Command.parse(["trace", "--url", "http://a:8080/", "--room", Self.room])
                == .trace(TraceOptions(url: "http://a:8080", room: room, tokenFile: nil, sources: ["http://a:8080"])))
        #expect(
            try TraceOptions.parse([
                "--room", Self.room, "--from", "http://a", "--token-file", "t", "--url", "https://b", "--from",
                "https://c/",
            ]) == TraceOptions(url: "https://b", room: room, tokenFile: "t", sources: ["http://a", "https://c"]))
    }

    @Test(arguments: [
        [], ["--url", "http://a"], ["--room", room], ["--url", "a", "--room", room],
        ["--url", "http://a", "--room", "1"], ["--url", "http://a", "--room"],
        ["--url", "http://a", "--room", room, "--from", "b"], ["--url", "http://a", "--room", room, "--token-file"],
        ["--url", "http://a", "--url", "http://b", "--room", room], ["--url", "http://a", "--room", room, "more"],
        ["--url", "--room", room], ["--port", "1"],
    ])
    func wrongUseIsRefused(arguments: [String]) {
        let error = #expect(throws: Command.UsageError.self) { try Command.parse(["trace"] + arguments) }
        #expect(error?.line.contains("see shoot trace --help") == true)
        #expect(error?.line.contains("\n") == false)
    }

    private func stage(
        _ name: String, _ id: String, below parent: String?, at start: Int64, took: Int64
    ) -> TracedStage {
        TracedStage(name: name, process: "gateway 1", spanID: id, parentID: parent, start: start, duration: took)
    }

    @Test func theTableShowsCausesAboveWhatTheyCaused() {
        var delivery = stage("room.deliver", "d", below: "p", at: 1_000_900, took: 150)
        delivery.subscribers = 1
        var store = stage("persist.store", "s", below: "p", at: 1_000_800, took: 1_234_567)
        store.fault = "away"
        let lines = TraceReport.lines([
            store, delivery, stage("room.publish", "p", below: "r", at: 1_000_250, took: 500),
            stage("client.send", "c", below: nil, at: 1_000_000, took: 2000),
            stage("stomp.receive", "r", below: "c", at: 1_000_200, took: 50),
        ])
        #expect(
            lines == [
                "  offset         took  stage                process",
                "0.000 ms     2.000 ms  client.send          gateway 1",
                "0.200 ms     0.050 ms    stomp.receive      gateway 1",
                "0.250 ms     0.500 ms      room.publish     gateway 1",
                "0.800 ms  1234.567 ms        persist.store  gateway 1  failed: away",
                "0.900 ms     0.150 ms        room.deliver   gateway 1  1 subscriber",
            ])
    }

    @Test func stagesWithoutTheirCauseAndClocksThatDifferAreShown() {
        let lines = TraceReport.lines([
            stage("client.send", "c", below: nil, at: 5000, took: 10),
            stage("room.deliver", "d", below: "gone", at: 6000, took: 10),
            stage("stomp.receive", "r", below: "c", at: 4000, took: 10),
        ])
        #expect(lines.count == 4)
        #expect(lines[2].contains("-1.000 ms"))
        #expect(lines[3].contains("  room.deliver"))
    }

    @Test func aCircleOfCausesEnds() {
        let lines = TraceReport.lines([
            stage("a", "1", below: "2", at: 1, took: 1), stage("b", "2", below: "1", at: 2, took: 1),
            stage("c", "3", below: nil, at: 3, took: 1),
        ])
        #expect(lines.count == 2)
    }
}
