import Support
import Testing

/// STOMP 1.0, 1.1 and 1.2, as their clients speak them.
@Suite(.timeLimit(.minutes(3))) struct VersionTests {
    /// What a client offers, and what it gets.
    struct Offer: Sendable {
        let versions: String?
        let subprotocols: [String]
        let version: String
        let subprotocol: String?
    }

    static let offers: [Offer] = [
        Offer(versions: nil, subprotocols: [], version: "1.0", subprotocol: nil),
        Offer(versions: "1.0", subprotocols: ["v10.stomp"], version: "1.0", subprotocol: "v10.stomp"),
        Offer(versions: "1.1", subprotocols: ["v11.stomp"], version: "1.1", subprotocol: "v11.stomp"),
        Offer(versions: "1.1,1.2", subprotocols: [], version: "1.2", subprotocol: nil),
        Offer(
            versions: "1.2,1.1,1.0", subprotocols: ["v12.stomp", "v11.stomp", "v10.stomp"], version: "1.2",
            subprotocol: "v12.stomp"),
        Offer(versions: "1.1,9.9", subprotocols: ["soap"], version: "1.1", subprotocol: nil),
    ]

    @Test(arguments: offers) func highestCommonVersionIsSpoken(_ offer: Offer) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let (client, connected) = try await Self.connect(offer, users[0], "CONNECT", in: cluster)
        #expect(client.stomp.subprotocol == offer.subprotocol)
        #expect(connected.header("version") == offer.version)
        #expect(connected.header("session")?.isEmpty == false)
        #expect(connected.header("server")?.hasPrefix("Shoot/") == true)
        #expect(connected.header("user-name") == users[0].username)

        try await client.watchMessages(of: room, ack: "client")
        try await client.send("in any version", to: room)
        #expect(try await client.messages(1).map(\.text) == ["in any version"])
        let frame = client.stomp.received("messages")[0]
        try await Self.acknowledge(frame, version: offer.version, client)
        try await blocking { try client.stomp.unsubscribe("messages") }
        try await client.disconnect()
    }

    @Test func stompIsConnect() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let (client, connected) = try await Self.connect(Self.offers[3], user, "STOMP", in: cluster)
        #expect(connected.header("version") == "1.2")
        try await client.disconnect()
        #expect(try await blocking { try client.stomp.closed() }.code == 1000)
    }

    @Test func framesMaySpanAndShareWebSocketMessages() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        let body = try ChatClient.body("in pieces", to: room, tempID: ChatClient.newTempID())
        let head = "SEND\r\ndestination:/app/chat\r\nreceipt:r1\r\ncontent-length:\(body.count)\r\n\r\n"
        let bytes = Array(head.utf8) + body + [0, 0x0A] + Array("BEGIN\ntransaction:t\nreceipt:r2\n\n\0\n\n".utf8)
        try await blocking {
            for start in stride(from: 0, to: bytes.count, by: 23) {
                try client.stomp.writeRaw(Array(bytes[start..<min(start + 23, bytes.count)]))
            }
            try client.stomp.awaitReceipt("r1")
            try client.stomp.awaitReceipt("r2")
        }
        #expect(try await client.messages(1).map(\.text) == ["in pieces"])
    }

    @Test func firstOfRepeatedHeadersCounts() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        let body = try ChatClient.body("first", to: room, tempID: ChatClient.newTempID())
        try await blocking {
            try client.stomp.send("/app/chat", body: body, headers: [("destination", "/app/nothing")])
        }
        #expect(try await client.messages(1).map(\.text) == ["first"])
    }

    @Test func heartBeatsAreNegotiated() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let port = cluster.gateways[0].httpPort
        let connected = try await blocking {
            let client = try StompClient.open(port: port)
            try client.write(
                "CONNECT",
                headers: [
                    ("accept-version", "1.2"), ("heart-beat", "20000,0"), ("Authorization", "Bearer \(user.token)"),
                ])
            return try client.connected()
        }
        #expect(connected.header("heart-beat") == "\(Cluster.heartBeat),\(Cluster.heartBeat)")
    }

    private static func connect(
        _ offer: Offer, _ user: Account, _ command: String, in cluster: Cluster
    ) async throws -> (ChatClient, StompMessage) {
        let port = cluster.gateways[0].httpPort
        let (stomp, connected) = try await blocking {
            let stomp = try StompClient.open(port: port, subprotocols: offer.subprotocols)
            let asked = offer.versions.map { [("accept-version", $0)] } ?? []
            try stomp.write(command, headers: asked + [("Authorization", "Bearer \(user.token)")])
            return (stomp, try stomp.connected())
        }
        return (ChatClient(user: user, stomp: stomp), connected)
    }

    /// ACK as the version has it, with a receipt.
    private static func acknowledge(_ frame: StompMessage, version: String, _ client: ChatClient) async throws {
        let (ack, id) = (frame.header("ack"), frame.header("message-id"))
        let headers =
            switch version {
            case "1.2": [("id", try #require(ack))]
            case "1.1": [("message-id", try #require(id)), ("subscription", "messages")]
            default: [("message-id", try #require(id))]
            }
        try await blocking {
            try client.stomp.write("ACK", headers: headers + [("receipt", "acknowledged")])
            try client.stomp.awaitReceipt("acknowledged")
        }
    }
}
