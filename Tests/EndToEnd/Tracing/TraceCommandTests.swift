import Foundation
import Support
import Testing

/// `shoot trace` against running processes, which keep spans as they do unless told otherwise.
@Suite(.timeLimit(.minutes(3))) struct TraceCommandTests {
    private func run(
        _ room: String, of cluster: Cluster, from sources: [ShootProcess], as user: Account? = nil,
        options: [String] = []
    ) async throws -> Command.Outcome {
        let named = sources.flatMap { ["--from", "http://127.0.0.1:\($0.httpPort)"] }
        let environment = user.map { ["SHOOT_TRACE_USERNAME": $0.username, "SHOOT_TRACE_PASSWORD": $0.password] }
        return try await ShootProcess.run(
            ["trace", "--url", "http://127.0.0.1:\(cluster.gateways[0].httpPort)", "--room", room] + named + options,
            environment: environment ?? [:])
    }

    @Test func showsEachStageInEachProcess() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let reader = try await cluster.connect(users[1], gateway: 1)
        try await reader.watchMessages(of: room)
        let outcome = try await run(room, of: cluster, from: cluster.gateways + [cluster.persister], as: users[0])
        #expect(outcome.exitCode == 0, "\(outcome.output)")
        let lines = outcome.output.split(separator: "\n")
        let title = /trace [0-9a-f]{32}  room [0-9a-f]{24}  message [0-9a-f]{24}  seq 1/
        #expect(lines.contains { $0.wholeMatch(of: title) != nil }, "\(outcome.output)")
        for (stage, process) in [
            ("client.send", "shoot trace"), ("stomp.receive", "gateway gateway-1"),
            ("room.publish", "gateway gateway-1"), ("room.deliver", "gateway gateway-1"),
            ("room.deliver", "gateway gateway-2"), ("persist.claim", "persister"), ("persist.store", "persister"),
            ("persist.finish", "persister"),
        ] {
            let isShown = lines.contains { $0.contains(" \(stage) ") && $0.contains("  \(process)") }
            #expect(isShown, "\(stage) of \(process) is not in\n\(outcome.output)")
        }
        #expect(try await reader.messages(1).first?.text == "shoot trace")
    }

    @Test func aTokenInAFileServesAsWellAndWhatIsMissingIsTold() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let file = try TestFolder.makeFolder("trace") + "/token"
        try "\(users[0].token)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try await run(room, of: cluster, from: [cluster.persister], options: ["--token-file", file])
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("no span of stomp.receive, room.publish, room.deliver"))
        #expect(outcome.output.contains("persist.finish"))
        #expect(!outcome.output.contains(users[0].token))
    }

    @Test func aRoomOfOthersIsRefused() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom([users[0]])
        let outcome = try await run(room, of: cluster, from: [], as: users[1])
        #expect(outcome.exitCode == 1)
        let told = outcome.output.split(separator: "\n").filter { $0.hasPrefix("shoot: ") }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("shoot: trace: the gateway refused: NOT_PARTICIPANT") == true)
    }

    @Test func spansOfATraceAreServedByIDOnly() async throws {
        let cluster = try await Cluster.shared
        let unknown = try await cluster.request("GET", "/debug/traces/0af7651916cd43dd8448eb211c80319c")
        #expect(unknown.status == 200)
        #expect(unknown.json["data"]["spans"].array.isEmpty)
        #expect(try await cluster.request("GET", "/debug/traces/all").status == 400)
        #expect(try await cluster.request("GET", "/debug/traces").status == 404)
    }
}
