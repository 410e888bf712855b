import Support
import Testing

/// `ack:client` and `ack:client-individual`: a bounded number of deliveries goes ahead of the acknowledgements.
///
/// Each test has a second subscription, `all`, with `ack:auto` on the same session: what has come there shows how far
/// the session's deliveries are.
@Suite(.timeLimit(.minutes(3))) struct AcknowledgeTests {
    @Test func cumulativeAcknowledgementLetsTheNextGo() async throws {
        let client = try await Self.client(ack: "client", sent: 10)
        let first = try await Self.delivered(4, to: client)
        try await Self.write("ACK", first[3], client)
        let second = try await Self.delivered(8, to: client)
        try await Self.write("ACK", second[5], client)
        try await Self.write("NACK", second[7], client)
        let all = try await Self.delivered(10, to: client)
        #expect(all.compactMap { $0.header("seq") } == (1...10).map(String.init))
    }

    @Test func individualAcknowledgementFreesOnePlace() async throws {
        let client = try await Self.client(ack: "client-individual", sent: 10)
        let first = try await Self.delivered(4, to: client)
        for frame in first {
            try await Self.write("ACK", frame, client)
        }
        let second = try await Self.delivered(8, to: client)
        for index in [7, 4, 6, 5] {
            try await Self.write(index % 2 == 0 ? "ACK" : "NACK", second[index], client)
        }
        let all = try await Self.delivered(10, to: client)
        #expect(all.compactMap { $0.header("seq") } == (1...10).map(String.init))
    }

    @Test func lastOfManyAcknowledgedAloneDoesNotFreeTheOthers() async throws {
        let client = try await Self.client(ack: "client-individual", sent: 10)
        let first = try await Self.delivered(4, to: client)
        try await Self.write("ACK", first[3], client)
        try await Self.settle(client)
        #expect(client.stomp.received("some").count <= 5)
    }

    @Test func deliveriesToAutoHaveNoAckHeader() async throws {
        let client = try await Self.client(ack: "client", sent: 2)
        let acknowledged = try await blocking { try client.stomp.messages("some", count: 2) }
        #expect(Set(acknowledged.compactMap { $0.header("ack") }).count == 2)
        #expect(client.stomp.received("all").allSatisfy { $0.header("ack") == nil })
    }

    /// A client with both subscriptions, in a room of its own where `count` messages have been sent and delivered.
    private static func client(ack: String, sent count: Int) async throws -> ChatClient {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room, id: "some", ack: ack)
        try await client.watchMessages(of: room, id: "all")
        for number in 0..<count {
            try await client.send("\(number)", to: room)
        }
        _ = try await client.messages(count, id: "all")
        return client
    }

    /// The deliveries to `some`: exactly `count`, since no more may go ahead.
    private static func delivered(_ count: Int, to client: ChatClient) async throws -> [StompMessage] {
        let frames = try await blocking { try client.stomp.messages("some", count: count) }
        try await settle(client)
        #expect(client.stomp.received("some").count == count)
        return frames
    }

    /// Returns when the session has done all that was asked of it before.
    private static func settle(_ client: ChatClient) async throws {
        let receipt = ChatClient.newTempID()
        try await blocking {
            try client.stomp.write("BEGIN", headers: [("transaction", receipt), ("receipt", receipt)])
            try client.stomp.awaitReceipt(receipt)
            try client.stomp.write("ABORT", headers: [("transaction", receipt)])
        }
    }

    private static func write(_ command: String, _ frame: StompMessage, _ client: ChatClient) async throws {
        let id = try #require(frame.header("ack"))
        try await blocking { try client.stomp.write(command, headers: [("id", id)]) }
    }
}
