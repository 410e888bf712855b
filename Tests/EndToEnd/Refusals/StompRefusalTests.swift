import Support
import Testing

/// What a STOMP client may not do: ERROR says what is wrong, then the close.
@Suite(.timeLimit(.minutes(3))) struct StompRefusalTests {
    @Test func subscribeByANonParticipant() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom([users[0]])
        for topic in ["/topic/messages/\(room)", "/topic/message/status/\(room)"] {
            let (error, close) = try await Self.refusal(ofSubscribingTo: topic, users[1], in: cluster)
            #expect(error.header("message") == "NOT_PARTICIPANT")
            #expect(error.header("receipt-id") == "asked")
            #expect(!error.text.isEmpty)
            #expect(close.code == 1008)
        }
    }

    @Test(arguments: ["/topic/nothing", "/topic/messages/12", "/queue/x", "/topic/messages/68f000000000000000000000/x"])
    func subscribeToAnUnknownDestination(_ destination: String) async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let (error, close) = try await Self.refusal(ofSubscribingTo: destination, user, in: cluster)
        #expect(error.header("message") == "UNKNOWN_DESTINATION")
        #expect(error.header("receipt-id") == "asked")
        #expect(close.code == 1008)
    }

    @Test func subscribeToARoomThatDoesNotExist() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let topic = "/topic/messages/000000000000000000000000"
        let (error, close) = try await Self.refusal(ofSubscribingTo: topic, user, in: cluster)
        #expect(error.header("message") == "NOT_PARTICIPANT", "whether it exists is not told")
        #expect(close.code == 1008)
    }

    @Test func sendToAnUnknownDestination() async throws {
        let cluster = try await Cluster.shared
        let client = try await cluster.connect(cluster.signUp(1)[0])
        try await blocking { try client.stomp.send("/app/nothing", body: Array("{}".utf8), receipt: "asked") }
        let (error, close) = try await client.awaitErrorAndClose()
        #expect(error.header("message") == "UNKNOWN_DESTINATION")
        #expect(error.header("receipt-id") == "asked")
        #expect(close.code == 1008)
    }

    @Test func connectWithoutAToken() async throws {
        let cluster = try await Cluster.shared
        let (error, close) = try await Self.answer(to: [("accept-version", "1.2")], in: cluster)
        #expect(error.header("message") == "not authenticated")
        #expect(close.code == 1008)
    }

    @Test func connectWithAnInvalidToken() async throws {
        let cluster = try await Cluster.shared
        let headers = [("accept-version", "1.2"), ("Authorization", "Bearer of.no.good")]
        let (error, close) = try await Self.answer(to: headers, in: cluster)
        #expect(error.header("message") == "not authenticated")
        #expect(close.code == 1008)
    }

    @Test func connectWithNoCommonVersion() async throws {
        let cluster = try await Cluster.shared
        let (error, close) = try await Self.answer(to: [("accept-version", "2.0,3.1")], in: cluster)
        #expect(error.header("version") == "1.0,1.1,1.2")
        #expect(close.code == 1002)
    }

    @Test(arguments: [
        ("NONSENSE\n\n\u{0}", "unknown command"), ("SEND\nno colon here\n\n\u{0}", "malformed header"),
        ("SUBSCRIBE\nid:1\n\n\u{0}", "missing header destination"),
        ("COMMIT\ntransaction:x\n\n\u{0}", "unknown transaction"),
        ("ACK\nid:never-given\n\n\u{0}", "unknown acknowledgement"), ("MESSAGE\n\n\u{0}", "command of a server"),
    ])
    func badFrame(_ frame: String, _ message: String) async throws {
        let cluster = try await Cluster.shared
        let client = try await cluster.connect(cluster.signUp(1)[0])
        try await blocking { try client.stomp.writeRaw(Array(frame.utf8)) }
        let (error, close) = try await client.awaitErrorAndClose()
        #expect(error.header("message") == message)
        #expect(!error.text.isEmpty)
        #expect(close.code == 1002)
    }

    private static func refusal(
        ofSubscribingTo destination: String, _ user: Account, in cluster: Cluster
    ) async throws -> (error: StompMessage, close: StompClient.Close) {
        let client = try await cluster.connect(user)
        try await blocking {
            try client.stomp.write(
                "SUBSCRIBE", headers: [("id", "1"), ("destination", destination), ("receipt", "asked")])
        }
        return try await client.awaitErrorAndClose()
    }

    private static func answer(
        to connect: [(String, String)], in cluster: Cluster
    ) async throws -> (error: StompMessage, close: StompClient.Close) {
        let port = cluster.gateways[0].httpPort
        return try await blocking {
            let client = try StompClient.open(port: port)
            try client.write("CONNECT", headers: connect)
            return (try client.error(), try client.closed())
        }
    }
}
