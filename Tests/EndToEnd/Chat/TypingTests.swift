import Support
import Testing

/// Who types, told to the others in the room on every gateway.
@Suite(.timeLimit(.minutes(3))) struct TypingTests {
    @Test func othersInTheRoomAreToldAndTheTypistIsNot() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(Array(users.prefix(2)))
        let typist = try await cluster.connect(users[0], gateway: 0)
        let reader = try await cluster.connect(users[1], gateway: 1)
        for client in [typist, reader] {
            try await blocking { try client.stomp.subscribe("/topic/typing/\(room)", id: "typing") }
        }
        try await typist.type(true, in: room)
        try await typist.type(true, in: room)
        try await typist.type(false, in: room)
        let end = try await reader.frame("typing") { $0.json["isTyping"].bool == false }
        #expect(end.json["roomId"].string == room)
        #expect(end.json["userId"].int == users[0].id)
        #expect(reader.stomp.received("typing").map { $0.json["isTyping"].bool } == [true, false])
        // A session that ends types no more.
        try await typist.type(true, in: room)
        _ = try await blocking { try reader.stomp.messages("typing", count: 3, within: .seconds(30)) }
        typist.stomp.drop()
        _ = try await blocking { try reader.stomp.messages("typing", count: 4, within: .seconds(30)) }
        #expect(reader.stomp.received("typing").last?.json["isTyping"].bool == false)
        #expect(typist.stomp.received("typing").isEmpty)

        let stranger = try await cluster.connect(users[2])
        try await stranger.watchErrors()
        try await stranger.type(true, in: room)
        #expect(try await stranger.frame("errors") { _ in true }.json["code"].string == "NOT_PARTICIPANT")
        try await blocking {
            try stranger.stomp.write("SUBSCRIBE", headers: [("id", "t"), ("destination", "/topic/typing/\(room)")])
        }
        #expect(try await stranger.awaitErrorAndClose().error.header("message") == "NOT_PARTICIPANT")
    }

    @Test func whoIsKickedHearsNoMore() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let kicked = try await cluster.connect(users[1], gateway: 1)
        try await blocking { try kicked.stomp.subscribe("/topic/typing/\(room)", id: "typing") }
        let answer = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[1].id)", as: users[0])
        #expect(answer.status == 200)
        let end = try await kicked.frame("typing") { $0.header("event") == "SUBSCRIPTION_ENDED" }
        #expect(end.json["code"].string == "KICKED")
    }
}
