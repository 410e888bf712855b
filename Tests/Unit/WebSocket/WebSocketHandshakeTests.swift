import Bytes
import Testing
import WireProtocols

@Suite("WebSocket handshake")
struct WebSocketHandshakeTests {
    /// The example of RFC 6455 §1.3.
    private static let good = [
        "Upgrade": ["websocket"], "Connection": ["Upgrade"], "Sec-WebSocket-Key": ["dGhlIHNhbXBsZSBub25jZQ=="],
        "Sec-WebSocket-Version": ["13"],
    ]
    private static let handshake = WebSocketHandshake(subprotocols: ["v12.stomp", "v11.stomp"], compresses: true)

    private func respond(
        _ changes: [String: [String]] = [:], method: String = "GET", by handshake: WebSocketHandshake = Self.handshake
    ) -> WebSocketHandshake.Response {
        let headers = Self.good.merging(changes) { $1 }
        return handshake.respond(to: WebSocketHandshake.Request(method: method) { headers["\($0)"] ?? [] })
    }

    private func accepted(_ changes: [String: [String]] = [:]) throws -> WebSocketHandshake.Acceptance {
        guard case .accept(let acceptance) = respond(changes) else {
            throw Failure.refused
        }
        return acceptance
    }

    private func refused(
        _ changes: [String: [String]] = [:], method: String = "GET"
    ) throws -> WebSocketHandshake.Refusal {
        guard case .refuse(let refusal) = respond(changes, method: method) else { throw Failure.accepted }
        return refusal
    }

    private enum Failure: Error {
        case accepted
        case refused
    }

    @Test("RFC 6455 §1.3: the example is accepted with the key that it gives")
    func example() throws {
        let acceptance = try accepted()
        #expect(acceptance.key == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(acceptance.subprotocol == nil)
        #expect(acceptance.deflate == nil)
        var writer = ByteWriter()
        acceptance.appendResponse(to: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                HTTP/1.1 101 Switching Protocols\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                \r

                """)
    }

    @Test("What was agreed on is in the answer")
    func answer() throws {
        let acceptance = try accepted([
            "Sec-WebSocket-Protocol": ["v11.stomp"], "Sec-WebSocket-Extensions": ["permessage-deflate"],
        ])
        var writer = ByteWriter()
        acceptance.appendResponse(to: &writer)
        let lines = String(decoding: writer.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains("Sec-WebSocket-Protocol: v11.stomp"))
        #expect(
            lines.contains(
                "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"))
    }

    @Test(
        "Exactly one subprotocol is chosen, the one that the server likes best",
        arguments: [
            (["v10.stomp, v11.stomp, v12.stomp"], "v12.stomp"), (["v11.stomp", "v12.stomp"], "v12.stomp"),
            (["v11.stomp"], "v11.stomp"), (["V12.STOMP"], nil), (["mqtt"], nil), ([], nil),
        ])
    func subprotocols(_ offered: [String], _ chosen: String?) throws {
        #expect(try accepted(["Sec-WebSocket-Protocol": offered]).subprotocol == chosen)
    }

    @Test("Tokens are found among others, in any case of letters")
    func tokens() throws {
        #expect(throws: Never.self) {
            try accepted(["Connection": ["keep-alive, upgrade"], "Upgrade": ["h2c", "WebSocket"]])
        }
    }

    @Test("A server that does not compress accepts no extension")
    func noCompression() throws {
        let plain = WebSocketHandshake(subprotocols: [], compresses: false)
        guard case .accept(let acceptance) = respond(["Sec-WebSocket-Extensions": ["permessage-deflate"]], by: plain)
        else { throw Failure.refused }
        #expect(acceptance.deflate == nil)
    }

    @Test("Another version is told which one there is", arguments: [[], ["8"], ["13", "13"], ["13, 8"], ["013"]])
    func version(_ versions: [String]) throws {
        let refusal = try refused(["Sec-WebSocket-Version": versions])
        #expect(refusal.status == 426)
        #expect(refusal.headers.contains { "\($0.name)" == "Sec-WebSocket-Version" && $0.value == "13" })
    }

    @Test(
        "A key that is not 16 bytes in base 64 is refused",
        arguments: [
            [], [""], ["abc"], ["dGhlIHNhbXBsZSBub25jZQ"], ["dGhlIHNhbXBsZSBub25jZTE="],
            ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="],
        ])
    func key(_ keys: [String]) throws { #expect(try refused(["Sec-WebSocket-Key": keys]).status == 400) }

    @Test("What does not ask for a WebSocket is told to")
    func noUpgrade() throws {
        for changes in [["Upgrade": []], ["Upgrade": ["h2c"]], ["Connection": ["close"]]] {
            let refusal = try refused(changes)
            #expect(refusal.status == 426)
            #expect(refusal.headers.contains { "\($0.name)" == "Upgrade" && $0.value == "websocket" })
        }
        #expect(try refused(method: "POST").status == 405)
    }

    @Test("Malformed and endless lists are refused")
    func lists() throws {
        let many = (0...WebSocketLimits.maxOffers).map { "x\($0)" }.joined(separator: ",")
        for value in ["a b", "\"", many] {
            #expect(try refused(["Sec-WebSocket-Protocol": [value]]).status == 400)
            #expect(try refused(["Sec-WebSocket-Extensions": [value]]).status == 400)
        }
    }
}
