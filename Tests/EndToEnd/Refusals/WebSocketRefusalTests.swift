import Support
import Testing

/// What breaks WebSocket itself is closed with its code, and a handshake that may not be is answered in HTTP.
@Suite(.timeLimit(.minutes(3))) struct WebSocketRefusalTests {
    @Test func messageOverTheLimit() async throws {
        let close = try await Self.close { try $0.writeRaw([UInt8](repeating: 0x0A, count: 65_537)) }
        #expect(close.code == 1009)
    }

    @Test func unmaskedFrame() async throws {
        let close = try await Self.close { try $0.writeUnframed([0x81, 0x01, 0x0A]) }
        #expect(close.code == 1002)
    }

    @Test func reservedBits() async throws {
        let close = try await Self.close { try $0.writeUnframed([0xF1, 0x80, 1, 2, 3, 4]) }
        #expect(close.code == 1002)
    }

    @Test func textThatIsNotUTF8() async throws {
        let close = try await Self.close { try $0.writeRaw([0x0A, 0xC3, 0x28]) }
        #expect(close.code == 1007)
    }

    @Test func messageOfTheLimitIsTaken() async throws {
        let cluster = try await Cluster.shared
        let client = try await cluster.connect(cluster.signUp(1)[0])
        try await blocking { try client.stomp.writeRaw([UInt8](repeating: 0x0A, count: 65_536)) }
        try await client.disconnect()
    }

    @Test(arguments: ["Bearer nonsense", "Bearer a.b.c", "Basic YTpi", "Bearer"])
    func handshakeWithAnInvalidToken(_ authorization: String) async throws {
        let refusal = try await Self.refusal(headers: [("Authorization", authorization)])
        #expect(refusal.status == 401)
        #expect(refusal.json["success"].bool == false)
        #expect(refusal.json["error"]["code"].string == "UNAUTHENTICATED")
        #expect(refusal.json["traceId"].string?.count == 32)
    }

    @Test func handshakeWithATokenConnectsWithoutOneInConnect() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let port = cluster.gateways[1].httpPort
        for header in [("Authorization", "Bearer \(user.token)"), ("Cookie", "a=b; access_token=\(user.token)")] {
            let connected = try await blocking {
                let client = try StompClient.open(port: port, headers: [header])
                try client.write("CONNECT", headers: [("accept-version", "1.2")])
                return try client.connected()
            }
            #expect(connected.header("user-name") == user.username)
        }
    }

    @Test func plainRequestToTheSocketsPath() async throws {
        let cluster = try await Cluster.shared
        let answer = try await cluster.request("GET", "/ws/chat")
        #expect(answer.status == 426)
        #expect(answer.header("upgrade") == "websocket")
        #expect(answer.json["error"]["code"].string == "MALFORMED_REQUEST")
    }

    /// How the server closes after `act`; another client is served as before.
    private static func close(
        after act: @escaping @Sendable (StompClient) throws -> Void
    ) async throws -> StompClient.Close {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let (client, bystander) = (try await cluster.connect(users[0]), try await cluster.connect(users[1]))
        let close = try await blocking {
            try act(client.stomp)
            return try client.stomp.closed()
        }
        #expect(!close.reason.isEmpty)
        #expect(close.reason.utf8.count < 123)
        try await bystander.disconnect()
        return close
    }

    private static func refusal(headers: [(String, String)]) async throws -> (status: Int, json: JSONNode) {
        let port = try await Cluster.shared.gateways[0].httpPort
        do {
            _ = try await blocking { try StompClient.open(port: port, headers: headers) }
        } catch ClientError.refused(let status, let body) {
            return (status, JSONNode(Array(body.utf8)))
        }
        Issue.record("the handshake was not refused")
        return (101, JSONNode([]))
    }
}
