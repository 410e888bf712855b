import Support
import Testing

/// Who comes and goes, seen live on every gateway.
@Suite(.timeLimit(.minutes(3))) struct MembershipTests {
    @Test func invitedUserIsAnnouncedAndMaySend() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(Array(users.prefix(2)))
        let owner = try await cluster.connect(users[0], gateway: 0)
        try await owner.watchMessages(of: room)
        try await owner.send("before", to: room)

        let answer = try await cluster.request(
            "POST", "/api/v1/chatrooms/\(room)/participants", as: users[0], json: ["userIds": [users[2].id]],
            gateway: 1)
        #expect(answer.status == 200)
        let announcement = try #require(try await owner.messages(2).last)
        #expect(announcement.type == "SYSTEM")
        #expect(announcement.seq == 2)
        #expect(announcement.senderID == users[0].id)
        #expect(announcement.tempID == nil)

        let newcomer = try await cluster.connect(users[2], gateway: 1)
        try await newcomer.watchMessages(of: room)
        try await newcomer.send("I am here", to: room)
        #expect(try await newcomer.messages(1).map(\.seq) == [3])
        #expect(try await owner.messages(3).last?.text == "I am here")

        try await cluster.awaitStored(upTo: 3, in: room, as: users[0])
        #expect(try await cluster.history(of: room, as: users[0]).map(\.seq) == [1, 2, 3])
        let since = try await cluster.history(of: room, as: users[2]).map(\.text)
        #expect(!since.contains("before"), "new members read no earlier history")
        #expect(since.contains("I am here"))
    }

    @Test func kickedUserGetsTheEndAndNothingAfter() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(users)
        let other = try await cluster.makeRoom([users[2], users[1]])
        let owner = try await cluster.connect(users[0], gateway: 0)
        let kicked = try await cluster.connect(users[2], gateway: 1)
        try await owner.watchMessages(of: room)
        try await kicked.watchMessages(of: room)
        try await kicked.watchMessages(of: room, id: "second")
        try await kicked.watchMessages(of: other, id: "other")
        try await kicked.watchErrors()

        let answer = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[2].id)", as: users[0])
        #expect(answer.status == 200)
        for subscription in ["messages", "second"] {
            let end = try await kicked.frame(subscription) { $0.header("event") == "SUBSCRIPTION_ENDED" }
            #expect(end.json["code"].string == "KICKED")
            #expect(end.json["roomId"].string == room)
        }
        try await owner.send("without you", to: room)
        #expect(try await owner.messages(2).map(\.type) == ["SYSTEM", "TEXT"])

        // The session lives on: another room's messages come, and only there.
        try await kicked.send("still here", to: other)
        #expect(try await kicked.messages(1, id: "other").map(\.text) == ["still here"])
        let tempID = ChatClient.newTempID()
        try await kicked.sendRaw(String(decoding: ChatClient.body("no", to: room, tempID: tempID), as: UTF8.self))
        let error = try await kicked.frame("errors") { $0.json["tempId"].string == tempID }
        #expect(error.json["code"].string == "NOT_PARTICIPANT")
        try await kicked.disconnect()
        for subscription in ["messages", "second"] {
            let events = kicked.stomp.received(subscription).map { $0.header("event") }
            #expect(events == ["MESSAGE_CREATED", "SUBSCRIPTION_ENDED"])
        }
        #expect(try await owner.messages(2).count == 2)
    }

    @Test func leavingEndsOnesOwnSubscriptions() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let leaver = try await cluster.connect(users[1], gateway: 1)
        try await leaver.watchMessages(of: room)
        let answer = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[1].id)", as: users[1])
        #expect(answer.status == 200)
        let end = try await leaver.frame("messages") { $0.header("event") == "SUBSCRIPTION_ENDED" }
        #expect(end.json["code"].string == "LEFT")
        try await eventually("the room is gone from the list") {
            let rooms = try await cluster.request("GET", "/api/v1/chatrooms", as: users[1])
            return rooms.json["data"]["items"].array.isEmpty ? () : nil
        }
    }

    /// Nothing reaches MongoDB: who is in the room only its log knows.
    @Test func whoWasInvitedAMomentAgoMayInviteLeaveAndBeKicked() async throws {
        try await Cluster.run(gateways: 1) { cluster in
            let users = try await cluster.signUp(5)
            let room = try await cluster.makeRoom([users[0]])
            cluster.persister.pause()
            defer { cluster.persister.resume() }
            let place = "/api/v1/chatrooms/\(room)/participants"
            func invite(_ user: Account, by actor: Account) async throws -> HTTPAnswer {
                try await cluster.request("POST", place, as: actor, json: ["userIds": [user.id]])
            }
            func remove(_ user: Account, by actor: Account) async throws -> HTTPAnswer {
                try await cluster.request("DELETE", "\(place)/\(user.id)", as: actor)
            }
            #expect(try await invite(users[1], by: users[0]).status == 200)
            #expect(try await invite(users[2], by: users[1]).status == 202)
            #expect(try await remove(users[2], by: users[1]).json["error"]["code"].string == "FORBIDDEN")
            #expect(try await remove(users[2], by: users[0]).status == 200)
            #expect(try await remove(users[2], by: users[0]).json["error"]["code"].string == "USER_NOT_FOUND")
            #expect(try await remove(users[1], by: users[1]).status == 200)
            #expect(try await remove(users[1], by: users[1]).json["error"]["code"].string == "ROOM_NOT_FOUND")
            #expect(try await invite(users[3], by: users[4]).json["error"]["code"].string == "ROOM_NOT_FOUND")
        }
    }

    @Test func membersMayNotKick() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(users)
        let answer = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[2].id)", as: users[1])
        #expect(answer.status == 403)
        #expect(answer.json["error"]["code"].string == "FORBIDDEN")
    }
}
