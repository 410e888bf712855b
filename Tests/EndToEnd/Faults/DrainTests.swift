import Foundation
import Launcher
import Support
import Testing

/// A gateway that is stopped under load: clients are told to move, and nobody is left without an answer.
extension LoadTests {
    @Test(.timeLimit(.minutes(4))) func stoppedGatewayMovesItsClientsAndAnswersAllThatItTook() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(10)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[9], gateway: 1)
            try await watcher.watchMessages(of: room)
            let quiet = try await cluster.makeRoom(users, title: "Quiet")
            var idle: [ChatClient] = []
            for number in 0..<192 {
                let client = try await cluster.connect(users[number % users.count], gateway: 0)
                try await client.watchMessages(of: quiet)
                idle.append(client)
            }
            var senders: [ChatClient] = []
            for user in users.prefix(8) {
                senders.append(try await cluster.connect(user, gateway: 0))
            }

            let loads = senders.map { Load($0, to: room) }
            _ = try await watcher.messages(200)
            let exitCode = try await cluster.gateways[0].terminate()
            #expect(exitCode == 0, "\(cluster.gateways[0].log)")
            #expect(!cluster.gateways[0].log.contains("clients_left"), "\(cluster.gateways[0].log)")

            let delays = try await delaysTold(to: senders + idle)
            #expect(Set(delays).count > 100, "200 clients come back at few moments: \(delays)")
            let (sent, answered) = try await repeatUnanswered(loads, of: users, in: room, over: cluster)
            // What was in the log before a message that is sent now is there before it for everyone.
            let last = try await cluster.connect(users[0], gateway: 1)
            let tempID = try await last.send("moved", to: room)
            _ = try await watcher.frame("messages") { ChatMessage($0.json)?.tempID == tempID }
            let live = watcher.stomp.received("messages").compactMap { ChatMessage($0.json) }
            #expect(live.map(\.seq) == Array(1...live.count))
            #expect(live.count == sent.count + 1 && Set(live.compactMap(\.tempID)) == sent.union([tempID]))
            #expect(Set(live.prefix(answered.count).compactMap(\.tempID)) == answered, "in the log without a receipt")
            try await expectNoTrace(of: "gateway-1", in: cluster)
        }
    }

    @Test(.timeLimit(.minutes(3))) func stoppedGatewayIsNotReadyWhileItStillListens() async throws {
        let settings = ["SHOOT_SHUTDOWN_ANNOUNCE_MILLISECONDS": "60000", "SHOOT_SHUTDOWN_GRACE_SECONDS": "20"]
        try await Cluster.run(gateways: 1, settings: settings) { cluster in
            let gateway = cluster.gateways[0]
            let user = try await cluster.signUp(1)[0]
            gateway.process.kill(SIGTERM)
            let red = try await eventually("readiness is red") {
                let answer = try await cluster.request("GET", "/health/ready")
                return answer.status == 503 ? answer : nil
            }
            #expect(red.json["data"]["draining"]["status"].string == "DOWN", "\(red.text)")
            #expect(try await cluster.request("GET", "/health/live").status == 200)
            // Whom a balancer still sends here is served, and told to move with the others.
            let late = try await cluster.connect(user)
            #expect(try await blocking { try late.stomp.closed() }.code == 1012)
            let status = try await blocking { gateway.process.waitForExit(within: .seconds(30)) }
            #expect(status == .exited(0), "\(gateway.log)")
            let answer = try? await cluster.request("GET", "/health/live")
            #expect(answer == nil)
            #expect(!gateway.log.contains("\"level\":\"error\""), "\(gateway.log)")
        }
    }

    @Test(.timeLimit(.minutes(3))) func whatASenderWhoHasGoneSentIsSentAlthoughItsAllowanceIsWaitedFor() async throws {
        let settings = ["SHOOT_LIMITS_USER_MESSAGES_PER_MINUTE": "60", "SHOOT_SHUTDOWN_ANNOUNCE_MILLISECONDS": "0"]
        try await Cluster.run(settings: settings, proxied: [.gateway(0)]) { cluster in
            let scene = try await RaceScene(on: cluster)
            let sender = try await cluster.connect(scene.users[0], gateway: 0)
            let lot = try scene.trap(.request, script: "lot", naming: "{u:\(scene.users[0].id)}")
            try sender.beginSending("last words", to: scene.room, tempID: ChatClient.newTempID())
            await lot.sprung()
            sender.stomp.drop()
            #expect(try await cluster.gateways[0].terminate() == 0, "\(cluster.gateways[0].log)")
            try await cluster.awaitStored(upTo: 1, in: scene.room, as: scene.users[1], gateway: 1)
        }
    }

    @Test(.timeLimit(.minutes(3))) func stopEndsAlthoughRedisHangs() async throws {
        let redis = try OwnRedis()
        defer { redis.server.kill() }
        let settings = ["SHOOT_REDIS_URL": redis.server.url, "SHOOT_SHUTDOWN_GRACE_SECONDS": "8"]
        try await Cluster.run(gateways: 1, settings: settings) { cluster in
            let users = try await cluster.signUp(1)
            let room = try await cluster.makeRoom(users)
            let client = try await cluster.connect(users[0])
            try await client.watchMessages(of: room)
            redis.server.pause()
            try await client.sendRaw(
                String(decoding: ChatClient.body("stuck", to: room, tempID: ChatClient.newTempID()), as: UTF8.self))
            cluster.gateways[0].process.kill(SIGTERM)
            let status = try await blocking { cluster.gateways[0].process.waitForExit(within: .seconds(30)) }
            #expect(status != nil, "it hangs with Redis: \(cluster.gateways[0].log)")
            redis.server.resume()
        }
    }

    /// What each client was told to wait before it comes back, ms.
    private func delaysTold(to clients: [ChatClient]) async throws -> [Int] {
        var delays: [Int] = []
        for client in clients {
            let close = try await blocking { try client.stomp.closed() }
            #expect(close.code == 1012)
            let delay = close.reason.wholeMatch(of: /retry-after-ms=(\d+)/).flatMap { Int($0.1) }
            delays.append(try #require(delay, "\(close.reason)"))
        }
        return delays
    }

    /// Sends again through the other gateway what got no receipt, as clients do; tells what was sent in all, and what
    /// had been answered.
    private func repeatUnanswered(
        _ loads: [Load], of users: [Account], in room: String, over cluster: Cluster
    ) async throws -> (sent: Set<String>, answered: Set<String>) {
        var sent: Set<String> = []
        var answered: Set<String> = []
        for (load, user) in zip(loads, users) {
            let outcome = await load.finished()
            sent.formUnion(outcome.sent)
            answered.formUnion(outcome.answered)
            let client = try await cluster.connect(user, gateway: 1)
            for tempID in outcome.sent where !outcome.answered.contains(tempID) {
                try await client.send("again", to: room, tempID: tempID)
            }
        }
        return (sent, answered)
    }

    /// Redis holds neither groups nor an index nor a probe of a gateway that was stopped in order.
    private func expectNoTrace(of gateway: String, in cluster: Cluster) async throws {
        let redis = try await blocking { try RedisConsole(url: cluster.redisURL) }
        let names = try await blocking { () -> [String] in
            var names = try redis.call("KEYS", "*\(gateway)*").array.compactMap(\.string)
            for stream in try redis.call("KEYS", "stream:chat:room:*").array.compactMap(\.string) {
                for group in try redis.call("XINFO", "GROUPS", stream).array {
                    names += group.array.compactMap(\.string).filter { $0.contains(gateway) }
                }
            }
            return names
        }
        #expect(names == [], "left in Redis")
    }
}
