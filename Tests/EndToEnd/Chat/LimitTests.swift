import Support
import Testing

/// What a user and a room may do in a minute, and how many sessions there may be, over two gateways.
@Suite(.timeLimit(.minutes(3))) struct LimitTests {
    private static let settings = [
        "SHOOT_LIMITS_SESSIONS_PER_USER": "2", "SHOOT_LIMITS_USER_MESSAGES_PER_MINUTE": "12",
        "SHOOT_LIMITS_ROOM_MESSAGES_PER_MINUTE": "30", "SHOOT_LIMITS_LOGINS_PER_ACCOUNT": "3",
    ]

    @Test func limitsHoldAcrossGateways() async throws {
        try await Cluster.run(settings: Self.settings) { cluster in
            try await userRate(cluster)
            try await roomRate(cluster)
            try await sessions(cluster)
            try await logins(cluster)
        }
    }

    @Test func placeOfASessionIsFreeWhenItsGatewayHasBeenKilled() async throws {
        try await Cluster.run(settings: Self.settings) { cluster in
            let user = try await cluster.signUp(1)[0]
            let room = try await cluster.makeRoom([user])
            let stays = try await cluster.connect(user, gateway: 1)
            _ = try await cluster.connect(user, gateway: 0)
            try await cluster.gateways[0].kill()
            let redis = try await cluster.redis()
            let key = "sessions:{u:\(user.id)}"
            // As if the 30 s had passed after which a session counts as dead that nobody has noted.
            try await blocking {
                let fields = try redis.call("HGETALL", key).array.compactMap(\.string)
                let dead = try #require(fields.firstIndex { $0.hasPrefix("gateway-1:") })
                let times = fields[dead + 1].split(separator: " ").compactMap { Int($0) }
                _ = try redis.call("HSET", key, fields[dead], "\(times[0]) \(times[1] - 31_000)")
            }
            let next = try await cluster.connect(user, gateway: 1)
            for client in [stays, next] {
                try await client.send("here", to: room)
            }
            let left = try await blocking { try redis.call("HKEYS", key).array.compactMap(\.string) }
            #expect(left.count == 2 && left.allSatisfy { $0.hasPrefix("gateway-2:") }, "\(left)")
        }
    }

    /// Twelve messages go by two gateways, each of which held some that the other needs; the thirteenth fails. What was
    /// sent before is still told the truth, also to one who has been kicked meanwhile.
    private func userRate(_ cluster: Cluster) async throws {
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        var clients: [ChatClient] = []
        for gateway in 0..<2 {
            let client = try await cluster.connect(users[1], gateway: gateway)
            try await client.watchStatus(of: room)
            try await client.watchErrors()
            clients.append(client)
        }
        var sent: [String] = []
        for number in 0..<12 {
            sent.append(try await send("\(number)", by: clients[number < 2 ? 0 : 1], to: room))
        }
        for client in clients {
            try await expectRateLimited(client, in: room)
        }
        for tempID in [sent[0], sent[11]] {
            try await clients[0].send("once more", to: room, tempID: tempID)
        }
        try await cluster.awaitStored(upTo: 12, in: room, as: users[0])
        let kick = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[1].id)", as: users[0])
        #expect(kick.status == 200)
        try await clients[1].send("and again", to: room, tempID: sent[3])
        #expect(try await cluster.history(of: room, as: users[0]).filter { $0.type == "TEXT" }.count == 12)
        for client in clients {
            try await client.disconnect()
        }
    }

    /// Sends until it is taken: on a busy machine the other gateway may give back too late for the first try.
    private func send(_ text: String, by client: ChatClient, to room: String) async throws -> String {
        let tempID = ChatClient.newTempID()
        let body = String(decoding: try ChatClient.body(text, to: room, tempID: tempID), as: UTF8.self)
        return try await eventually("the message is taken") {
            let answers = client.steps(of: tempID).count { $0.status != "SENDING" }
            try await client.sendRaw(body)
            let steps = try await eventually("it is answered") {
                let steps = client.steps(of: tempID).filter { $0.status != "SENDING" }
                return steps.count > answers ? steps : nil
            }
            return steps.contains { $0.status == "SENT_TO_STREAM" } ? tempID : nil
        }
    }

    private func expectRateLimited(_ client: ChatClient, in room: String) async throws {
        let tempID = ChatClient.newTempID()
        try await client.sendRaw(
            String(decoding: ChatClient.body("too many", to: room, tempID: tempID), as: UTF8.self))
        #expect(try await client.awaitStatus("FAILED", of: tempID).errorCode == "RATE_LIMITED")
        let error = try await client.frame("errors") { $0.json["tempId"].string == tempID }
        #expect(error.json["code"].string == "RATE_LIMITED")
        #expect((1...60_000).contains(error.json["retryAfterMs"].int ?? 0))
    }

    private func roomRate(_ cluster: Cluster) async throws {
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(users)
        for (number, user) in users.enumerated() {
            let client = try await cluster.connect(user, gateway: number % 2)
            try await client.watchStatus(of: room)
            try await client.watchErrors()
            for message in 0..<10 {
                try await client.send("\(message)", to: room)
            }
            if number == 2 {
                try await expectRateLimited(client, in: room)
            }
        }
    }

    private func sessions(_ cluster: Cluster) async throws {
        let user = try await cluster.signUp(1)[0]
        let oldest = try await cluster.connect(user, gateway: 0)
        let second = try await cluster.connect(user, gateway: 1)
        let third = try await cluster.connect(user, gateway: 1)
        let (error, close) = try await oldest.awaitErrorAndClose()
        #expect(error.header("message") == "SESSION_REPLACED")
        #expect(close.code == 1008)
        #expect(close.reason.hasPrefix("SESSION_REPLACED"))
        // A place that is free is taken without anybody's end.
        try await third.disconnect()
        let redis = try await cluster.redis()
        try await eventually("its place is given back") {
            try redis.call("HLEN", "sessions:{u:\(user.id)}").int == 1 ? () : nil
        }
        let fourth = try await cluster.connect(user, gateway: 0)
        try await second.disconnect()
        try await fourth.disconnect()
    }

    private func logins(_ cluster: Cluster) async throws {
        let user = try await cluster.signUp(1)[0]
        func logIn(_ password: String, gateway: Int) async throws -> HTTPAnswer {
            try await cluster.request(
                "POST", "/api/v1/auth/login", json: ["username": user.username, "password": password],
                gateway: gateway)
        }
        for number in 0..<3 {
            #expect(try await logIn("wrong password", gateway: number % 2).status == 401)
        }
        let refused = try await logIn(user.password, gateway: 1)
        #expect(refused.status == 429)
        #expect(refused.json["error"]["code"].string == "TOO_MANY_ATTEMPTS")
        #expect(refused.header("Retry-After") == "1")
        try await eventually("the wait is over") {
            try await logIn(user.password, gateway: 0).status == 200 ? () : nil
        }
    }
}
