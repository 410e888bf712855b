import Support
import Testing

/// A gateway that is stopped under load: clients are told to move, and nobody is left without an answer.
extension LoadTests {
    @Test(.timeLimit(.minutes(3))) func stoppedGatewayAnswersAllThatItTook() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(5)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[4], gateway: 1)
            try await watcher.watchMessages(of: room)
            let idle = try await cluster.connect(users[4], gateway: 0)
            var senders: [ChatClient] = []
            for user in users.prefix(4) {
                senders.append(try await cluster.connect(user, gateway: 0))
            }

            let loads = senders.map { Load($0, to: room) }
            _ = try await watcher.messages(200)
            #expect(try await cluster.gateways[0].terminate() == 0, "\(cluster.gateways[0].log)")

            var answered: Set<String> = []
            for load in loads {
                answered.formUnion(await load.finished().answered)
            }
            for client in senders + [idle] {
                let close = try await blocking { try client.stomp.closed() }
                #expect(close.code == 1012)
                #expect(close.reason.hasPrefix("retry-after-ms="), "\(close.reason)")
            }
            // What was in the log before a message that is sent now is there before it for everyone.
            let last = try await cluster.connect(users[0], gateway: 1)
            let tempID = try await last.send("moved", to: room)
            _ = try await watcher.frame("messages") { ChatMessage($0.json)?.tempID == tempID }
            let live = watcher.stomp.received("messages").compactMap { ChatMessage($0.json) }
            #expect(live.map(\.seq) == Array(1...live.count))
            #expect(Set(live.compactMap(\.tempID)) == answered.union([tempID]), "a message is in the log unanswered")
        }
    }

    @Test(.timeLimit(.minutes(3))) func stoppedGatewayAcceptsNobodyAnyMore() async throws {
        try await Cluster.run(gateways: 1) { cluster in
            let gateway = cluster.gateways[0]
            let exitCode = try await gateway.terminate()
            #expect(exitCode == 0)
            let answer = try? await cluster.request("GET", "/health/live")
            #expect(answer == nil)
            #expect(!gateway.log.contains("\"level\":\"error\""), "\(gateway.log)")
        }
    }
}
