import Support
import Testing

/// BEGIN, COMMIT, ABORT: the SENDs of a transaction go out together or not at all.
@Suite(.timeLimit(.minutes(3))) struct TransactionTests {
    @Test func committedSendsGoOutTogether() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let sender = try await cluster.connect(users[0], gateway: 0)
        let reader = try await cluster.connect(users[1], gateway: 1)
        try await sender.watchMessages(of: room)
        try await reader.watchMessages(of: room)

        try await Self.begin("t", ["one", "two", "three"], room, sender)
        try await sender.send("outside", to: room)
        #expect(try await sender.messages(1).map(\.text) == ["outside"], "nothing goes out before COMMIT")
        try await Self.end("COMMIT", "t", sender)
        for client in [sender, reader] {
            #expect(try await client.messages(4).map(\.text) == ["outside", "one", "two", "three"])
            #expect(try await client.messages(4).map(\.seq) == [1, 2, 3, 4])
        }
    }

    @Test func abortedSendsAreForgotten() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        try await Self.begin("t", ["never"], room, client)
        try await Self.end("ABORT", "t", client)
        // The name is free again, and nothing of the first is left in it.
        try await Self.begin("t", ["after"], room, client)
        try await Self.end("COMMIT", "t", client)
        #expect(try await client.messages(1).map(\.text) == ["after"])
        #expect(try await client.messages(1).map(\.seq) == [1])
    }

    @Test func transactionOverTwoRoomsIsRefused() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let rooms = [try await cluster.makeRoom(users), try await cluster.makeRoom(users)]
        let sender = try await cluster.connect(users[0])
        let reader = try await cluster.connect(users[1])
        for (id, room) in zip(["0", "1"], rooms) {
            try await reader.watchMessages(of: room, id: id)
        }
        try await Self.begin("t", ["never"], rooms[0], sender)
        try await Self.send("never", rooms[1], in: "t", sender)
        try await blocking { try sender.stomp.write("COMMIT", headers: [("transaction", "t"), ("receipt", "c")]) }
        let (error, close) = try await sender.awaitErrorAndClose()
        #expect(error.header("receipt-id") == "c")
        #expect(error.header("message") == "VALIDATION_FAILED")
        #expect(close.code == 1008)
        for (id, room) in zip(["0", "1"], rooms) {
            try await reader.send("only this", to: room)
            #expect(try await reader.messages(1, id: id).map(\.text) == ["only this"])
        }
    }

    @Test func transactionWithABadSendSendsNothing() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        try await client.watchStatus(of: room)
        try await Self.begin("t", ["good"], room, client)
        let bad = try await Self.send("  ", room, in: "t", client)
        try await blocking { try client.stomp.write("COMMIT", headers: [("transaction", "t")]) }
        try await client.awaitStatus("FAILED", of: bad)
        try await client.send("the session lives on", to: room)
        #expect(try await client.messages(1).map(\.text) == ["the session lives on"])
    }

    private static func begin(_ name: String, _ texts: [String], _ room: String, _ client: ChatClient) async throws {
        try await blocking { try client.stomp.write("BEGIN", headers: [("transaction", name)]) }
        for text in texts {
            try await send(text, room, in: name, client)
        }
    }

    @discardableResult
    private static func send(
        _ text: String, _ room: String, in transaction: String, _ client: ChatClient
    ) async throws -> String {
        let tempID = ChatClient.newTempID()
        let body = try ChatClient.body(text, to: room, tempID: tempID)
        try await blocking { try client.stomp.send("/app/chat", body: body, headers: [("transaction", transaction)]) }
        return tempID
    }

    /// Ends a transaction and waits for the receipt.
    private static func end(_ command: String, _ name: String, _ client: ChatClient) async throws {
        let receipt = ChatClient.newTempID()
        try await blocking {
            try client.stomp.write(command, headers: [("transaction", name), ("receipt", receipt)])
            try client.stomp.awaitReceipt(receipt)
        }
    }
}
