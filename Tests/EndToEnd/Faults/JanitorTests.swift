import Support
import Testing

/// Gateways that are away for so long that they are taken for dead, and rooms that leave Redis.
extension LoadTests {
    private static let settings = [
        "SHOOT_JANITOR_PERIOD_MILLISECONDS": "200", "SHOOT_JANITOR_GATEWAY_SILENT_MILLISECONDS": "3000",
        "SHOOT_JANITOR_ROOM_IDLE_MILLISECONDS": "1000",
    ]

    @Test(.timeLimit(.minutes(3))) func stoppedGatewayWhoseGroupsWereSweptHealsItself() async throws {
        try await Cluster.run(settings: Self.settings) { cluster in
            let users = try await cluster.signUp(3)
            let room = try await cluster.makeRoom(users)
            let owner = try await cluster.connect(users[0], gateway: 1)
            try await owner.watchMessages(of: room)
            let (stays, kicked) = try await Self.watchers(of: room, users, cluster)
            try await owner.send("before", to: room)
            _ = try await (stays.messages(1), kicked.messages(1))

            cluster.gateways[0].pause()
            try await cluster.awaitCount("shoot_janitor_groups_swept_total", atLeast: 1)
            try await cluster.kick(users[2], from: room, by: users[0], gateway: 1)
            try await owner.send("after", to: room)
            cluster.gateways[0].resume()

            #expect(try await stays.messages(3).map(\.seq) == [1, 2, 3])
            _ = try await kicked.frame("messages") { $0.header("event") == "SUBSCRIPTION_ENDED" }
            try await owner.send("live again", to: room)
            #expect(try await stays.messages(4).map(\.text).last == "live again")
            try await kicked.disconnect()
            let told = kicked.stomp.received("messages")
            #expect(told.map { $0.header("event") } == ["MESSAGE_CREATED", "MESSAGE_CREATED", "SUBSCRIPTION_ENDED"])
            #expect(!told.contains { ChatMessage($0.json)?.text == "after" })

            // It has told where its new groups are: they are found when it dies.
            try await cluster.gateways[0].kill()
            try await cluster.awaitCount("shoot_janitor_groups_swept_total", atLeast: 2)
        }
    }

    @Test(.timeLimit(.minutes(3))) func roomThatLeftRedisMeanwhileIsCaughtUpWithByAStoppedGateway() async throws {
        try await Cluster.run(settings: Self.settings) { cluster in
            let users = try await cluster.signUp(3)
            let room = try await cluster.makeRoom(users)
            let owner = try await cluster.connect(users[0], gateway: 1)
            let (stays, kicked) = try await Self.watchers(of: room, users, cluster)
            try await owner.send("before", to: room)
            _ = try await (stays.messages(1), kicked.messages(1))

            cluster.gateways[0].pause()
            try await cluster.awaitCount("shoot_janitor_groups_swept_total", atLeast: 1)
            try await cluster.kick(users[2], from: room, by: users[0], gateway: 1)
            try await owner.send("after", to: room)
            // The room may have left and come back before; now it has all that there is.
            try await cluster.awaitStored(upTo: 3, in: room, as: users[0], gateway: 1)
            let redis = try await cluster.redis()
            try await eventually("the room has left Redis") {
                try await blocking { try redis.call("KEYS", "room:*:\(room)") }.array.isEmpty ? () : nil
            }
            cluster.gateways[0].resume()

            #expect(try await stays.messages(3).map(\.seq) == [1, 2, 3])
            _ = try await kicked.frame("messages") { $0.header("event") == "SUBSCRIPTION_ENDED" }
            try await owner.send("live again", to: room)
            #expect(try await stays.messages(4).map(\.text).last == "live again")
            try await kicked.disconnect()
            let told = kicked.stomp.received("messages")
            #expect(told.map { $0.header("event") } == ["MESSAGE_CREATED", "SUBSCRIPTION_ENDED"])
        }
    }

    @Test(.timeLimit(.minutes(3))) func roomThatLeftRedisGoesOnAndKnowsItsTempIDs() async throws {
        try await Cluster.run(gateways: 1, settings: Self.settings) { cluster in
            let users = try await cluster.signUp(3)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            let tempID = try await sender.send("once", to: room)
            try await cluster.kick(users[2], from: room, by: users[0], gateway: 0)
            try await cluster.awaitCount("shoot_janitor_rooms_cooled_total", atLeast: 1)

            try await sender.send("once", to: room, tempID: tempID)
            try await sender.send("next", to: room)
            try await cluster.awaitStored(upTo: 4, in: room, as: users[0])
            let answer = try await cluster.request(
                "GET", "/api/v1/chatrooms/\(room)/messages?after=0", as: users[0])
            let items = answer.json["data"]["items"].array
            #expect(items.map { $0["seq"].int } == [1, 2, 3, 4])
            #expect(items.map { $0["isDeleted"].bool == true } == [false, false, true, false])
            #expect(items.map { $0["content"]["text"].string }.first == "once")
            #expect(items.map { $0["content"]["text"].string }.last == "next")

            let kicked = try await cluster.connect(users[2])
            try await kicked.watchErrors()
            let refused = ChatClient.newTempID()
            try await kicked.sendRaw(String(decoding: ChatClient.body("no", to: room, tempID: refused), as: UTF8.self))
            let error = try await kicked.frame("errors") { $0.json["tempId"].string == refused }
            #expect(error.json["code"].string == "NOT_PARTICIPANT")
        }
    }

    /// Two users who watch the room on the first gateway: the second and the third.
    private static func watchers(
        of room: String, _ users: [Account], _ cluster: Cluster
    ) async throws -> (stays: ChatClient, kicked: ChatClient) {
        let stays = try await cluster.connect(users[1], gateway: 0)
        let kicked = try await cluster.connect(users[2], gateway: 0)
        try await stays.watchMessages(of: room)
        try await kicked.watchMessages(of: room)
        return (stays, kicked)
    }
}

extension Cluster {
    /// Puts a user out of a room.
    fileprivate func kick(_ user: Account, from room: String, by owner: Account, gateway: Int) async throws {
        let answer = try await request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(user.id)", as: owner, gateway: gateway)
        guard answer.status == 200 else { throw Failed(what: "kicking", output: "\(answer.status) \(answer.text)") }
    }

    /// Waits until the persister has counted so many.
    fileprivate func awaitCount(_ metric: String, atLeast count: Int) async throws {
        let http = HTTPClient(port: persister.httpPort, timeout: .seconds(30))
        try await eventually("\(metric) is \(count)") {
            let text = try await blocking { try http.request("GET", "/metrics") }.text
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(metric) ") }
            return line.flatMap { Int($0.dropFirst(metric.count + 1)) }.flatMap { $0 >= count ? () : nil }
        }
    }
}
