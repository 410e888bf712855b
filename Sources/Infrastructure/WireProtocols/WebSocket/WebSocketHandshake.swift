import Bytes

/// The server's side of the opening handshake (RFC 6455 §4.2): headers in, the answer out.
public struct WebSocketHandshake: Sendable {
    /// What the handshake needs of the HTTP request; each header as the list of the values that were sent.
    public struct Request: Sendable {
        let method: String
        let upgrade: [String]
        let connection: [String]
        let version: [String]
        let key: [String]
        let subprotocols: [String]
        let extensions: [String]

        /// Asks `values` for all values of each header that matters; names are matched in any case of letters.
        public init(method: String, headers values: (StaticString) -> [String]) {
            self.method = method
            upgrade = values("Upgrade")
            connection = values("Connection")
            version = values("Sec-WebSocket-Version")
            key = values("Sec-WebSocket-Key")
            subprotocols = values("Sec-WebSocket-Protocol")
            extensions = values("Sec-WebSocket-Extensions")
        }
    }

    /// The answer to a handshake.
    public enum Response: Sendable {
        /// 101: the connection is a WebSocket from here on.
        case accept(Acceptance)
        /// The connection stays HTTP.
        case refuse(Refusal)
    }

    /// What was agreed on.
    public struct Acceptance: Sendable, Equatable {
        /// The value of `Sec-WebSocket-Accept`.
        public let key: String
        /// The one subprotocol that is echoed, if any is.
        public let subprotocol: String?
        /// The compression, if there is any.
        public let deflate: PerMessageDeflate?

        /// Appends the whole 101 response.
        public func appendResponse(to writer: inout ByteWriter) {
            writer.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            writer.append(utf8: "Sec-WebSocket-Accept: \(key)\r\n")
            if let subprotocol {
                writer.append(utf8: "Sec-WebSocket-Protocol: \(subprotocol)\r\n")
            }
            if let deflate {
                writer.append(utf8: "Sec-WebSocket-Extensions: \(deflate.headerValue)\r\n")
            }
            writer.append("\r\n")
        }
    }

    /// Why a handshake was turned down, in HTTP's terms.
    public struct Refusal: Error, Sendable {
        /// 400, 405 or 426.
        public let status: Int
        /// Headers that the response must have, besides those of the connection itself.
        public let headers: [(name: StaticString, value: String)]
        /// What to do, for a person.
        public let message: String
    }

    private let subprotocols: [String]
    private let compresses: Bool

    /// A server that knows `subprotocols`, the one that it likes best first, and compresses if asked to.
    public init(subprotocols: [String], compresses: Bool) {
        self.subprotocols = subprotocols
        self.compresses = compresses
    }

    /// Checks a request and decides what is agreed on.
    public func respond(to request: Request) -> Response {
        do throws(Refusal) {
            let key = try Self.checkedKey(of: request)
            let offered = try Self.subprotocols(of: request)
            let extensions = try Self.extensions(of: request)
            return .accept(
                Acceptance(
                    key: Self.acceptKey(for: key),
                    subprotocol: subprotocols.first { offered.contains($0) },
                    deflate: compresses ? PerMessageDeflate.choose(among: extensions) : nil))
        } catch {
            return .refuse(error)
        }
    }

    /// The proof that the server understood: SHA-1 of the key and a fixed text, in base 64 (RFC 6455 §4.2.2).
    static func acceptKey(for key: String) -> String {
        let proof = SHA1.digest(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return String(decoding: Base64.encode(proof), as: UTF8.self)
    }

    private static func checkedKey(of request: Request) throws(Refusal) -> String {
        guard request.method == "GET" else {
            throw Refusal(status: 405, headers: [("Allow", "GET")], message: "open a WebSocket with GET")
        }
        guard contains("websocket", in: request.upgrade), contains("upgrade", in: request.connection) else {
            throw Refusal(
                status: 426, headers: [("Upgrade", "websocket")],
                message: "this address is a WebSocket: send Upgrade: websocket and Connection: Upgrade")
        }
        guard request.version == ["13"] else {
            throw Refusal(
                status: 426, headers: [("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket")],
                message: "send Sec-WebSocket-Version: 13")
        }
        guard request.key.count == 1, let key = request.key.first, Base64.decode(key.utf8)?.count == 16 else {
            throw malformed("send one Sec-WebSocket-Key: 16 random bytes in base 64")
        }
        return key
    }

    private static func subprotocols(of request: Request) throws(Refusal) -> [String] {
        var offered: [String] = []
        for value in request.subprotocols {
            guard let tokens = HeaderListScanner.tokens(value) else {
                throw malformed("Sec-WebSocket-Protocol is not a list of names")
            }
            offered += tokens
        }
        guard offered.count <= WebSocketLimits.maxOffers else {
            throw malformed("offer at most \(WebSocketLimits.maxOffers) subprotocols")
        }
        return offered
    }

    private static func extensions(of request: Request) throws(Refusal) -> [WebSocketExtensionOffer] {
        var offered: [WebSocketExtensionOffer] = []
        for value in request.extensions {
            guard let offers = WebSocketExtensionOffer.parse(value) else {
                throw malformed("Sec-WebSocket-Extensions is not a list of extensions")
            }
            offered += offers
        }
        guard offered.count <= WebSocketLimits.maxOffers else {
            throw malformed("offer at most \(WebSocketLimits.maxOffers) extensions")
        }
        return offered
    }

    private static func malformed(_ message: String) -> Refusal { Refusal(status: 400, headers: [], message: message) }

    private static func contains(_ token: String, in values: [String]) -> Bool {
        values.contains { value in
            HeaderListScanner.tokens(value)?.contains { $0.lowercased() == token } ?? false
        }
    }
}
