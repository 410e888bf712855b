import Foundation
import Launcher
import Support
import Testing

/// What MongoDB refuses, or nobody can read: given up after its tries, with the rest of the room flowing.
@Suite(.timeLimit(.minutes(6))) struct DeadLetterTests {
    /// What MongoDB refuses while `Poison` is on.
    private static let poison = "poison"

    private struct Room {
        let cluster: Cluster
        let users: [Account]
        let id: String
        let sender: ChatClient
        let watcher: ChatClient
    }

    /// A cluster of its own with a room, a sender that is told what becomes of its messages, and a watcher elsewhere.
    private func with(settings: [String: String] = [:], _ body: (Room) async throws -> Void) async throws {
        try await Cluster.run(settings: settings) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            try await sender.watchStatus(of: room)
            let watcher = try await cluster.connect(users[1], gateway: 1)
            try await watcher.watchMessages(of: room)
            try await body(
                Room(cluster: cluster, users: users, id: room, sender: sender, watcher: watcher))
        }
    }

    @Test func aRefusedMessageIsGivenUpAndItsRetryIsTheOneCopy() async throws {
        try await with { room in
            try await room.cluster.refuseMessages(containing: Self.poison)
            let before = try await room.sender.send("before", to: room.id)
            let poison = try await room.sender.send(Self.poison, to: room.id)
            let after = try await room.sender.send("after", to: room.id)
            let failed = try await room.sender.awaitStatus("FAILED", of: poison)
            #expect(failed.errorCode == "REJECTED")
            for tempID in [before, after] {
                try await room.sender.awaitStatus("SAVED", of: tempID)
            }
            // Everybody saw it, and the room stays complete.
            #expect(try await room.watcher.messages(3).map(\.text) == ["before", Self.poison, "after"])
            let left = try await room.cluster.history(of: room.id, as: room.users[0])
            #expect(left.map(\.text) == ["before", "", "after"])
            let steps = room.sender.steps(of: poison).map(\.status)
            #expect(steps == ["SENDING", "SENT_TO_STREAM", "PROCESSING", "FAILED"])

            let listed = try await room.cluster.deadLetters()
            let letter = try #require(listed.array.first)
            #expect(listed.array.count == 1)
            #expect(letter["id"].string == "\(room.id)-2-0")
            #expect(letter["senderId"].int == room.users[0].id)
            #expect(letter["tempId"].string == poison)
            let shown = try await room.cluster.shoot("dlq", "show", "\(room.id)-2-0", "--json")
            let whole = JSONNode(Array(shown.output.utf8))
            #expect(whole["tries"].array.count == 3)
            #expect(whole["entry"].string?.contains(Self.poison) == true)

            // The retry is a new message, and then there is nothing to replay.
            try await room.sender.send("cured", to: room.id, tempID: poison)
            let saved = try await room.sender.awaitStatus("SAVED", of: poison)
            #expect(saved.seq == 4)
            try await room.cluster.refuseMessages(containing: nil)
            let replay = try await room.cluster.shoot("dlq", "replay", "\(room.id)-2-0")
            #expect(replay.exitCode == 1)
            #expect(replay.output.contains("sent it again"))
            let history = try await room.cluster.history(of: room.id, as: room.users[0])
            #expect(history.map(\.text) == ["before", "", "after", "cured"])
            #expect(history.filter { $0.tempID == poison }.count == 1)

            // Whoever resumes comes across the placeholder.
            let back = try await room.cluster.connect(room.users[1])
            try await blocking {
                try back.stomp.subscribe(
                    "/topic/messages/\(room.id)", id: "messages", headers: [("last-seq", "0")])
            }
            #expect(try await back.messages(4).map(\.seq) == [1, 2, 3, 4])
        }
    }

    @Test func aReplayPutsItInItsPlaceAndARepeatBehindItAddsNone() async throws {
        try await with { room in
            try await room.cluster.refuseMessages(containing: Self.poison)
            let poison = try await room.sender.send(Self.poison, to: room.id)
            try await room.sender.awaitStatus("FAILED", of: poison)
            try await room.cluster.awaitStored(upTo: 1, in: room.id, as: room.users[0])
            let id = "\(room.id)-1-0"
            let early = try await room.cluster.shoot("dlq", "replay", id)
            #expect(early.exitCode == 1, "the rule is still on: \(early.output)")
            try await room.cluster.refuseMessages(containing: nil)
            let replay = try await eventually("the letter is replayed") {
                let outcome = try await room.cluster.shoot("dlq", "replay", id)
                return outcome.exitCode == 0 ? outcome : nil
            }
            #expect(replay.output == "\(id) is replayed\n")
            let history = try await room.cluster.history(of: room.id, as: room.users[1])
            #expect(history.map(\.text) == [Self.poison])
            #expect(history.first?.tempID == poison)
            #expect(try await room.cluster.deadLetters().array.isEmpty)
            #expect(try await room.cluster.shoot("dlq", "replay", id).exitCode == 1)
            #expect(try await room.cluster.shoot("dlq", "drop", id).exitCode == 1)

            try await room.sender.send("again", to: room.id, tempID: poison)
            try await room.cluster.awaitStored(upTo: 2, in: room.id, as: room.users[0])
            let both = try await room.cluster.history(of: room.id, as: room.users[1])
            #expect(both.map(\.text) == [Self.poison, ""])
        }
    }

    @Test func anEditThatIsRefusedIsGivenUpAndTheRoomGoesOn() async throws {
        try await with { room in
            let first = try await room.sender.send("first", to: room.id)
            try await room.sender.awaitStatus("SAVED", of: first)
            let id = try #require(try await room.cluster.history(of: room.id, as: room.users[0]).first?.id)
            try await room.cluster.refuseMessages(containing: Self.poison)
            let edit = { (text: String) in
                try await room.cluster.request(
                    "PUT", "/api/v1/messages/\(id)", as: room.users[0], json: ["text": text])
            }
            // 202 where that takes its second.
            let refused = try await edit(Self.poison)
            #expect([202, 422].contains(refused.status), "\(refused.text)")
            let second = try await room.sender.send("second", to: room.id)
            try await room.sender.awaitStatus("SAVED", of: second)
            let left = try await room.cluster.history(of: room.id, as: room.users[0])
            #expect(left.map(\.text) == ["first", "second"])
            let letters = try await room.cluster.deadLetters().array
            #expect(letters.map { $0["id"].string } == ["\(room.id)-1-1"])
            let replay = try await room.cluster.shoot("dlq", "replay", "\(room.id)-1-1")
            #expect(replay.exitCode == 1 && replay.output.contains("a change"), "\(replay.output)")

            // What was given up is in no later change.
            let reaction = try await room.cluster.request(
                "POST", "/api/v1/messages/reaction", as: room.users[1],
                json: ["messageId": id, "reaction": "heart"])
            #expect(reaction.isChanged, "\(reaction.text)")
            #expect(reaction.json["data"]["content"]["text"].string == "first")
            #expect(try await edit("cured").isChanged)
            try await eventually("the change is stored") {
                let cured = try await room.cluster.history(of: room.id, as: room.users[0])
                return cured.map(\.text) == ["cured", "second"] ? () : nil
            }
            #expect(try await room.cluster.deadLetters().array.count == 1)
        }
    }

    @Test(arguments: [200, 500]) func operatorsAreToldByAWebhookThatHoldsNothingUp(_ status: Int) async throws {
        let webhook = try CollectorStub.start(status: status)
        defer { webhook.close() }
        try await with(settings: ["SHOOT_ALERTS_WEBHOOK_URL": webhook.url + "/services/secret"]) { room in
            try await room.cluster.refuseMessages(containing: Self.poison)
            let poison = try await room.sender.send(Self.poison, to: room.id)
            let after = try await room.sender.send("after", to: room.id)
            try await room.sender.awaitStatus("FAILED", of: poison)
            try await room.sender.awaitStatus("SAVED", of: after)
            let attempts = status == 200 ? 1 : 2
            let request = try await eventually("the webhook is asked") {
                webhook.requests.count >= attempts ? webhook.requests[0] : nil
            }
            #expect(request.line == "POST /services/secret HTTP/1.1")
            let text = try #require(JSONNode(request.body)["text"].string)
            #expect(text.contains("\(room.id)-1-0"))
            #expect(!text.contains(Self.poison))
            #expect(!room.cluster.persister.log.contains("/services/secret"))
        }
    }

    @Test func anEntryThatNobodyCanReadIsGivenUpAndTheRestFlows() async throws {
        try await with { room in
            try await room.sender.send("one", to: room.id)
            // What a fault of a script might leave: a number that is taken by what has no form.
            let url = room.cluster.environment["SHOOT_REDIS_URL"] ?? ""
            try await blocking {
                let redis = try RedisConsole(url: url)
                let log = try redis.key("stream:chat:room:", of: room.id)
                let state = try redis.key("room:", of: room.id)
                try redis.call("XADD", log, "2-0", "h", "1 m ?", "b", "{")
                try redis.call("XADD", log, "3-0", "odd", "fields")
                try redis.call("HSET", state, "seq", "3", "last", "3-0")
            }
            let last = try await room.sender.send("four", to: room.id)
            try await room.sender.awaitStatus("SAVED", of: last)
            #expect(try await room.watcher.messages(2).map(\.seq) == [1, 4])
            let history = try await room.cluster.history(of: room.id, as: room.users[0])
            #expect(history.map(\.text) == ["one", "", "", "four"])
            let letters = try await room.cluster.deadLetters().array
            #expect(letters.compactMap { $0["seq"].int }.sorted() == [2, 3])
            let shown = try await room.cluster.shoot("dlq", "show", "\(room.id)-3-0")
            #expect(shown.output.contains(#""odd\nfields""#))
            let replay = try await room.cluster.shoot("dlq", "replay", "\(room.id)-3-0")
            #expect(replay.exitCode == 1)
            let dropped = try await room.cluster.shoot("dlq", "drop", "\(room.id)-3-0")
            #expect(dropped.exitCode == 0)
            #expect(try await room.cluster.deadLetters().array.count == 1)
        }
    }

    @Test func aStoreThatIsAwayLeavesNoDeadLetters() async throws {
        let folder = try TestFolder.makeFolder("mongo-away")
        let mongo = try await blocking { try MongoServer.start(folder: folder, port: try LoopbackPort.free()) }
        defer { mongo.kill() }
        let settings = ["SHOOT_MONGODB_URL": mongo.url]
        let migration = try await ShootProcess.run(
            ["migrate"], environment: try await Cluster.freshEnvironment().merging(settings) { $1 })
        #expect(migration.succeeded, "\(migration.output)")
        try await with(settings: settings) { room in
            try await room.sender.send("before", to: room.id)
            try await room.cluster.awaitStored(upTo: 1, in: room.id, as: room.users[0])
            mongo.pause()
            var sent: [String] = []
            for number in 1...20 {
                sent.append(try await room.sender.send("message \(number)", to: room.id))
            }
            // Live goes on; and the persister has tried and failed.
            #expect(try await room.watcher.messages(21).count == 21)
            let persister = HTTPClient(port: room.cluster.persister.httpPort, timeout: .seconds(30))
            try await eventually("the persister has failed") {
                let metrics = try await blocking { try persister.request("GET", "/metrics") }.text
                return metrics.contains(/shoot_persist_rounds_failed_total [1-9]/) ? () : nil
            }
            mongo.resume()
            // A transaction that was cut off holds its documents until MongoDB ends it, a minute after it began.
            try await eventually("all is stored", within: .seconds(150)) {
                let room = try await room.cluster.request("GET", "/api/v1/chatrooms/\(room.id)", as: room.users[0])
                return room.json["data"]["lastSeq"].int == 21 ? () : nil
            }
            for tempID in sent {
                try await room.sender.awaitStatus("SAVED", of: tempID)
            }
            #expect(try await room.cluster.deadLetters().array.isEmpty)
            let history = try await room.cluster.history(of: room.id, as: room.users[0])
            #expect(history.map(\.seq) == Array(1...21))
            #expect(!history.contains { $0.text.isEmpty })
        }
    }

    @Test(arguments: ["0123456789abcdef01234567-1-0", "nonsense"])
    func anIDThatIsNoneOrUnknownIsOneLine(_ id: String) async throws {
        let environment = try await Cluster.freshEnvironment()
        for action in ["show", "replay", "drop"] {
            let outcome = try await ShootProcess.run(["dlq", action, id], environment: environment)
            #expect(outcome.exitCode == 2)
            #expect(outcome.output.hasPrefix("shoot: dlq"))
            #expect(outcome.output.filter { $0 == "\n" }.count == 1, "\(outcome.output)")
        }
    }
}

extension Cluster {
    /// Runs a command of `shoot` with this cluster's settings.
    fileprivate func shoot(_ arguments: String...) async throws -> Command.Outcome {
        try await ShootProcess.run(arguments, environment: environment)
    }

    /// The dead letters that wait.
    fileprivate func deadLetters() async throws -> JSONNode {
        let outcome = try await shoot("dlq", "list", "--json")
        guard outcome.exitCode == 0 else { throw Failed(what: "shoot dlq list", output: outcome.output) }
        return JSONNode(Array(outcome.output.utf8))["items"]
    }

    /// Makes MongoDB refuse messages with this text, or none.
    fileprivate func refuseMessages(containing marker: String?) async throws {
        let url = environment["SHOOT_MONGODB_URL"] ?? ""
        let database = url.split(separator: "/").last?.split(separator: "?").first.map(String.init) ?? ""
        let mongo = try await TestServers.shared.stack.mongo
        try await blocking { try mongo?.refuseMessages(containing: marker, database: database) }
    }
}
