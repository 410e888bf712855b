import Foundation
import Launcher
import Support
import Testing

/// Redis hangs, dies and comes back, and runs out of memory: what senders are told is true.
extension LoadTests {
    @Test(.timeLimit(.minutes(4))) func whatHungInRedisIsUnknownAndARepeatTellsTheTruth() async throws {
        let redis = try OwnRedis()
        defer { redis.server.kill() }
        try await Cluster.run(settings: ["SHOOT_REDIS_URL": redis.server.url]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[0], gateway: 1)
            try await watcher.watchMessages(of: room)
            let sender = try await cluster.connect(users[1])
            try await sender.watchStatus(of: room)
            try await sender.watchErrors()
            try await sender.send("before", to: room)

            redis.server.pause()
            let tempID = ChatClient.newTempID()
            let body = try ChatClient.body("unknown", to: room, tempID: tempID)
            try await sender.sendRaw(String(decoding: body, as: UTF8.self))
            let step = try await sender.awaitStatus("OUTCOME_UNKNOWN", of: tempID)
            #expect(step.errorCode == "OUTCOME_UNKNOWN")
            _ = try await sender.frame("errors") { $0.json["tempId"].string == tempID }
            for gateway in 0...1 {
                let answer = try await eventually("readiness is red") {
                    let answer = try await cluster.request("GET", "/health/ready", gateway: gateway)
                    return answer.status == 503 ? answer : nil
                }
                let fault = answer.json["data"]["redis"]["fault"].string
                #expect(fault?.contains("no probe has come back") == true, "\(answer.text)")
            }

            redis.server.resume()
            try await awaitReady(cluster)
            // The script ran on what was in its socket. Meanwhile the sender is put out of the room.
            let path = "/api/v1/chatrooms/\(room)/participants/\(users[1].id)"
            #expect(try await cluster.request("DELETE", path, as: users[0], gateway: 1).status == 200)
            try await sender.send("unknown", to: room, tempID: tempID)
            #expect(!sender.steps(of: tempID).contains { $0.status == "FAILED" })
            let refused = ChatClient.newTempID()
            let other = try ChatClient.body("new", to: room, tempID: refused)
            try await sender.sendRaw(String(decoding: other, as: UTF8.self))
            let error = try await sender.frame("errors") { $0.json["tempId"].string == refused }
            #expect(error.json["code"].string == "NOT_PARTICIPANT")

            let last = try await cluster.connect(users[0])
            let end = try await last.send("end", to: room)
            _ = try await watcher.frame("messages") { ChatMessage($0.json)?.tempID == end }
            let live = watcher.stomp.received("messages").compactMap { ChatMessage($0.json) }
            #expect(live.map(\.seq) == Array(1...live.count))
            #expect(live.count { $0.tempID == tempID } == 1)
        }
    }

    @Test(.timeLimit(.minutes(4))) func restartOfRedisLosesAndDoublesNothing() async throws {
        var redis = try OwnRedis()
        defer { redis.server.kill() }
        try await Cluster.run(settings: ["SHOOT_REDIS_URL": redis.server.url]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[0], gateway: 1)
            try await watcher.watchMessages(of: room)
            let sender = try await cluster.connect(users[1])
            try await sender.watchStatus(of: room)
            let load = Load(sender, to: room, maxMessages: 400)
            _ = try await watcher.messages(50)
            try await blocking { [server = redis.server] in server.kill() }
            redis = try await blocking { [redis] in try redis.restarted() }
            let outcome = await load.finished()
            #expect(outcome.failure == nil)
            let live = try await watcher.messages(400)
            #expect(live.map(\.seq) == Array(1...400))
            #expect(Set(live.compactMap(\.tempID)) == Set(outcome.sent))

            // Away for longer than a send is tried: nothing was sent, and the sender is told so.
            try await blocking { [server = redis.server] in server.kill() }
            let tempID = ChatClient.newTempID()
            let body = try ChatClient.body("refused", to: room, tempID: tempID)
            try await eventuallyNotReady(cluster)
            try await sender.sendRaw(String(decoding: body, as: UTF8.self))
            #expect(try await sender.awaitStatus("FAILED", of: tempID).errorCode == "STORE_UNAVAILABLE")
            redis = try await blocking { [redis] in try redis.restarted() }
            try await awaitReady(cluster)
            try await sender.send("taken", to: room, tempID: tempID)
            #expect(try await watcher.messages(401).map(\.seq) == Array(1...401))
        }
    }

    @Test(.timeLimit(.minutes(4))) func shortMemoryRefusesWhatIsNewUntilThereIsRoom() async throws {
        let redis = try OwnRedis()
        defer { redis.server.kill() }
        try await Cluster.run(settings: ["SHOOT_REDIS_URL": redis.server.url]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            try await sender.watchErrors()
            let first = try await sender.send("first", to: room)
            let console = try await blocking { try RedisConsole(url: redis.server.url) }
            try await blocking {
                try console.call("CONFIG", "SET", "maxmemory", "100mb")
                // A bitmap of 85 MiB.
                try console.call("SETBIT", "ballast", "\(85 << 23)", "1")
            }
            let (tempID, error) = try await eventually("a send is refused") {
                let tempID = ChatClient.newTempID()
                let body = try ChatClient.body("more", to: room, tempID: tempID)
                try await sender.sendRaw(String(decoding: body, as: UTF8.self))
                // What is behind it in the session is answered after it.
                try await sender.send("first", to: room, tempID: first)
                let error = sender.stomp.received("errors").first { $0.json["tempId"].string == tempID }
                return error.map { (tempID, $0) }
            }
            #expect(error.json["code"].string == "BUSY")
            #expect(error.json["message"].string?.contains("memory") == true, "\(error.text)")
            #expect((error.json["retryAfterMs"].int ?? 0) > 0, "\(error.text)")
            let path = "/api/v1/chatrooms/\(room)/participants/\(users[1].id)"
            let kick = try await cluster.request("DELETE", path, as: users[0])
            #expect(kick.status == 503 && kick.header("retry-after") != nil, "\(kick.text)")
            let ready = try await cluster.request("GET", "/health/ready")
            #expect(ready.text.contains("memoryShort"), "\(ready.text)")

            try await blocking { _ = try console.call("DEL", "ballast") }
            try await eventually("it is taken again") {
                try await sender.sendRaw(
                    String(decoding: ChatClient.body("more", to: room, tempID: tempID), as: UTF8.self))
                try await sender.send("first", to: room, tempID: first)
                let history = try await cluster.history(of: room, as: users[0])
                return history.contains { $0.tempID == tempID } ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func productionRefusesARedisThatDropsKeys() async throws {
        let redis = try OwnRedis()
        defer { redis.server.kill() }
        let console = try await blocking { try RedisConsole(url: redis.server.url) }
        try await blocking {
            try console.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            try console.call("CONFIG", "SET", "requirepass", "secret")
        }
        let settings = [
            "SHOOT_PROFILE": "prod", "SHOOT_REDIS_URL": "redis://:secret@127.0.0.1:\(redis.server.port)",
            "SHOOT_MONGODB_URL": "mongodb://shoot:secret@127.0.0.1:1/shoot?replicaSet=shoot",
            "SHOOT_POSTGRES_URL": "postgresql://shoot:secret@127.0.0.1:1/shoot",
            "SHOOT_JWT_KEYS": "1:0123456789abcdef0123456789abcdef",
            "SHOOT_HTTP_CORS_ALLOWED_ORIGINS": "https://chat.example.com", "SHOOT_HTTP_PORT": "0",
            "SHOOT_PERSISTER_HTTP_PORT": "0",
        ]
        for process in ["gateway", "persister"] {
            let outcome = try await ShootProcess.run([process], environment: settings)
            #expect(outcome.status.exitCode == 2, "\(outcome.output)")
            let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("shoot: ") }
            #expect(line?.contains("noeviction") == true && line?.contains("allkeys-lru") == true, "\(outcome.output)")
        }
    }

    private func awaitReady(_ cluster: Cluster) async throws {
        for gateway in cluster.gateways.indices {
            try await eventually("readiness is green again") {
                try await cluster.request("GET", "/health/ready", gateway: gateway).status == 200 ? () : nil
            }
        }
    }

    private func eventuallyNotReady(_ cluster: Cluster) async throws {
        try await eventually("readiness is red") {
            try await cluster.request("GET", "/health/ready").status == 503 ? () : nil
        }
    }
}
