import Foundation
import Support
import Testing

/// A message's road: from a client of one gateway to a client of another, and into MongoDB.
@Suite(.timeLimit(.minutes(3))) struct RoadTests {
    @Test func messageCrossesGatewaysAndIsStored() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users, title: "Road")
        let sender = try await cluster.connect(users[0], gateway: 0)
        let reader = try await cluster.connect(users[1], gateway: 1)
        try await sender.watchStatus(of: room)
        try await reader.watchMessages(of: room)

        let tempID = try await sender.send("Hello, Grüße, 你好 🙂", to: room)
        let received = try #require(try await reader.messages(1).first)
        #expect(received.text == "Hello, Grüße, 你好 🙂")
        #expect(received.tempID == tempID)
        #expect(received.senderID == users[0].id)
        #expect(received.seq == 1)
        let frame = try #require(reader.stomp.received("messages").first)
        #expect(frame.header("event") == "MESSAGE_CREATED")
        #expect(frame.header("seq") == "1")
        #expect(frame.header("position") == "1-0")
        #expect(frame.header("epoch") == "1")
        #expect(frame.header("destination") == "/topic/messages/\(room)")

        try await sender.awaitStatus("SAVED", of: tempID)
        #expect(sender.steps(of: tempID).map(\.status) == StatusStep.life)
        for step in sender.steps(of: tempID).dropFirst() {
            #expect(step.messageID == received.id)
            #expect(step.seq == 1)
        }
        for gateway in 0...1 {
            #expect(try await cluster.history(of: room, as: users[1], gateway: gateway) == [received])
        }
    }

    @Test func roomListShowsUnreadCountAndLastMessage() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users, title: "List")
        let older = try await cluster.makeRoom(users, title: "Older")
        let sender = try await cluster.connect(users[0])
        for room in [older, room] {
            try await sender.send("one", to: room)
            try await sender.send("two", to: room)
            try await cluster.awaitStored(upTo: 2, in: room, as: users[0])
        }

        let answer = try await cluster.request("GET", "/api/v1/chatrooms", as: users[1], gateway: 1)
        let rooms = answer.json["data"]["items"].array
        #expect(rooms.map { $0["id"].string } == [room, older])
        let first = try #require(rooms.first)
        #expect(first["title"].string == "List")
        #expect(first["lastSeq"].int == 2)
        #expect(first["unreadCount"].int == 2)
        #expect(first["lastMessage"]["text"].string == "two")
        #expect(first["lastMessage"]["seq"].int == 2)
        #expect(first["lastMessage"]["senderId"].int == users[0].id)
        #expect(Set(first["participants"].array.compactMap { $0["nickname"].string }) == Set(users.map(\.nickname)))

        let own = try await cluster.request("GET", "/api/v1/chatrooms", as: users[0], gateway: 1)
        #expect(own.json["data"]["items"][0]["unreadCount"].int == 0, "sending reads up to one's own message")
    }

    @Test func pairHasOneRoomHoweverItIsAskedFor() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for number in 0..<8 {
                let (one, other) = (users[number % 2], users[(number + 1) % 2])
                group.addTask {
                    try await cluster.request(
                        "POST", "/api/v1/chatrooms", as: one,
                        json: ["type": "INDIVIDUAL", "participantIds": [other.id]], gateway: number / 2 % 2)
                }
            }
            return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
        }
        #expect(answers.filter { $0.status == 201 }.count == 1)
        #expect(answers.filter { $0.status == 200 }.count == 7)
        #expect(Set(answers.compactMap { $0.json["data"]["id"].string }).count == 1)
    }

    @Test func accountsLogInAndRefresh() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let login = try await cluster.request(
            "POST", "/api/v1/auth/login", json: ["username": user.username, "password": user.password], gateway: 1)
        #expect(login.status == 200)
        #expect(login.json["data"]["user"]["id"].int == user.id)
        let token = try #require(login.json["data"]["refreshToken"].string)

        let refreshed = try await cluster.request("POST", "/api/v1/auth/refresh", json: ["refreshToken": token])
        #expect(refreshed.status == 200)
        #expect(refreshed.json["data"]["refreshToken"].string != token)
        let again = try await cluster.request("POST", "/api/v1/auth/refresh", json: ["refreshToken": token], gateway: 1)
        #expect(again.status == 401)
        #expect(again.json["error"]["code"].string == "TOKEN_REUSED")
        let successor = try #require(refreshed.json["data"]["refreshToken"].string)
        let revoked = try await cluster.request("POST", "/api/v1/auth/refresh", json: ["refreshToken": successor])
        #expect(revoked.status == 401, "the reuse ended the whole session")
    }

    @Test func sessionGoesOnWithRenewedToken() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let client = try await cluster.connect(users[0])
        let login = try await cluster.request(
            "POST", "/api/v1/auth/login", json: ["username": users[0].username, "password": users[0].password])
        let token = try #require(login.json["data"]["accessToken"].string)
        let foreign = users[1].token
        try await blocking {
            try client.stomp.send("/app/auth", json: ["token": token], receipt: "renewed")
            try client.stomp.awaitReceipt("renewed")
            try client.stomp.send("/app/auth", json: ["token": foreign], receipt: "foreign")
        }
        let (error, close) = try await client.awaitErrorAndClose()
        #expect(error.header("message") == "FORBIDDEN")
        #expect(error.header("receipt-id") == "foreign")
        #expect(close.code == 1008)
    }

    @Test func statusGoesToTheSubscriptionThatIsLeft() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let rooms = [try await cluster.makeRoom(users), try await cluster.makeRoom(users)]
        let sender = try await cluster.connect(users[0])
        for room in rooms {
            try await sender.watchStatus(of: room, id: "first-\(room)")
            try await sender.watchStatus(of: room, id: "second-\(room)")
        }
        try await blocking { try sender.stomp.unsubscribe("first-\(rooms[1])") }
        try await sender.send("one", to: rooms[0])
        try await sender.send("two", to: rooms[1])
        for subscription in ["first-\(rooms[0])", "second-\(rooms[1])"] {
            let frames = try await blocking {
                try sender.stomp.messages(subscription, count: StatusStep.life.count, within: .seconds(60))
            }
            #expect(frames.compactMap { $0.json["status"].string } == StatusStep.life)
        }
    }
}
