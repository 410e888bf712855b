import Support
import Testing

/// A SEND that fails is told on its status topic and on `/user/queue/errors`, and the session lives on.
@Suite(.timeLimit(.minutes(3))) struct SendRefusalTests {
    /// A body that cannot be sent, with the room and tempId to be put in.
    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String
        let body: @Sendable (_ room: String, _ tempID: String) -> String

        var testDescription: String { name }
    }

    static let bad: [Bad] = [
        Bad(name: "JSON that ends early", code: "MALFORMED_REQUEST") {
            "{\"roomId\":\"\($0)\",\"tempId\":\"\($1)\",\"content\":{\"text\":\"a"
        },
        Bad(name: "text of 10,001 characters", code: "VALIDATION_FAILED") { room, tempID in
            let text = String(repeating: "ä", count: 10_001)
            return "{\"roomId\":\"\(room)\",\"tempId\":\"\(tempID)\",\"content\":{\"text\":\"\(text)\"}}"
        },
        Bad(name: "blank text", code: "VALIDATION_FAILED") {
            "{\"roomId\":\"\($0)\",\"tempId\":\"\($1)\",\"content\":{\"text\":\"  \\n \"}}"
        },
        Bad(name: "no content", code: "VALIDATION_FAILED") { "{\"roomId\":\"\($0)\",\"tempId\":\"\($1)\"}" },
        Bad(name: "type that is the room's own", code: "VALIDATION_FAILED") {
            "{\"roomId\":\"\($0)\",\"tempId\":\"\($1)\",\"content\":{\"text\":\"a\",\"type\":\"SYSTEM\"}}"
        },
        Bad(name: "reply to what is no id", code: "VALIDATION_FAILED") {
            "{\"roomId\":\"\($0)\",\"tempId\":\"\($1)\",\"content\":{\"text\":\"a\"},\"replyToMessageId\":\"x\"}"
        },
    ]

    @Test(arguments: bad) func badSendFailsAndTheSessionLivesOn(_ bad: Bad) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        try await client.watchStatus(of: room)
        try await client.watchErrors()

        let tempID = ChatClient.newTempID()
        try await client.sendRaw(bad.body(room, tempID))
        let failed = try await client.awaitStatus("FAILED", of: tempID)
        #expect(failed.errorCode == bad.code)
        #expect(failed.messageID == nil)
        let error = try await client.frame("errors") { $0.json["tempId"].string == tempID }
        #expect(error.json["code"].string == bad.code)
        #expect(error.json["roomId"].string == room)
        #expect(error.json["message"].string?.isEmpty == false)

        // A retry with the same tempId is a new try.
        try await client.send("now it is right", to: room, tempID: tempID)
        try await client.awaitStatus("SENT_TO_STREAM", of: tempID)
        #expect(try await client.messages(1).map(\.seq) == [1])
    }

    @Test(arguments: [
        "", "[]", "null", "{}", "{\"roomId\":17}", "{\"roomId\":\"68f000000000000000000000\",\"tempId\":\"x\"}",
        "\u{FEFF}{}",
    ])
    func bodyWithoutATempIDIsToldToTheSessionAlone(_ body: String) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchErrors()
        try await client.sendRaw(body)
        let error = try await client.frame("errors") { _ in true }
        #expect(["VALIDATION_FAILED", "MALFORMED_REQUEST"].contains(error.json["code"].string))
        #expect(error.json["tempId"].isNull)
        try await client.send("goes on", to: room)
    }

    @Test func longestTextIsTaken() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        let text = String(repeating: "é", count: 10_000)
        try await client.send("  \(text)\n", to: room)
        #expect(try await client.messages(1).map(\.text) == [text])
    }

    @Test func sendToARoomOneIsNotIn() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom([users[0]])
        let client = try await cluster.connect(users[1])
        try await client.watchErrors()
        let tempID = ChatClient.newTempID()
        try await client.sendRaw(String(decoding: ChatClient.body("a", to: room, tempID: tempID), as: UTF8.self))
        let error = try await client.frame("errors") { $0.json["tempId"].string == tempID }
        #expect(error.json["code"].string == "NOT_PARTICIPANT")
        try await client.disconnect()
    }

    @Test func senderIDInThePayloadIsIgnored() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        let tempID = ChatClient.newTempID()
        try await client.sendRaw(
            "{\"senderId\":\(users[1].id),\"roomId\":\"\(room)\",\"tempId\":\"\(tempID)\",\"content\":{\"text\":\"a\"}}"
        )
        #expect(try await client.messages(1).map(\.senderID) == [users[0].id])
    }
}
