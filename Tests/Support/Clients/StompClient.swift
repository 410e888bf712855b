import Foundation

/// A STOMP 1.2 client on a WebSocket that shares no code with the server: it blocks, and one thread of its own reads.
///
///     let client = try StompClient.connect(port: port, token: token)
///     try client.subscribe("/topic/messages/\(room)", id: "m")
///     try client.send("/app/chat", json: ["roomId": room, …])
///     let messages = try client.messages("m", count: 10)
///
/// Call it where blocking is allowed (see `blocking`). Each limit is the longest that a test waits for a thing that
/// normally comes at once.
public final class StompClient: Sendable {
    /// How the WebSocket ended; code 1006 where the peer said nothing (RFC 6455 §7.1.5).
    public struct Close: Sendable, Equatable {
        /// The status code.
        public let code: Int
        /// The reason.
        public let reason: String
    }

    /// How long each call waits where it is not told otherwise.
    public static let usualWait: Duration = .seconds(15)

    /// The subprotocol that the server chose, if any.
    public let subprotocol: String?
    private let socket: TCPSocket
    private let inbox = StompInbox()

    /// Opens a WebSocket, and says nothing on it yet.
    ///
    /// - Parameters:
    ///   - host: an IPv4 address.
    ///   - headers: further headers of the handshake, such as `Authorization`, `Cookie` and `Origin`.
    /// - Throws: `ClientError.refused` where the answer is not 101.
    public static func open(
        host: String = "127.0.0.1", port: UInt16, path: String = "/ws/chat",
        subprotocols: [String] = ["v12.stomp", "v11.stomp", "v10.stomp"], headers: [(String, String)] = [],
        within limit: Duration = usualWait
    ) throws(ClientError) -> StompClient {
        try StompClient(
            host: host, port: port, path: path, subprotocols: subprotocols, headers: headers, limit: limit)
    }

    /// Opens a WebSocket and connects with a token, by `Authorization` in the CONNECT frame.
    public static func connect(
        host: String = "127.0.0.1", port: UInt16, path: String = "/ws/chat", token: String?,
        heartBeat: String = "0,0", within limit: Duration = usualWait
    ) throws(ClientError) -> StompClient {
        let client = try open(host: host, port: port, path: path, within: limit)
        var headers = [("accept-version", "1.2"), ("heart-beat", heartBeat)]
        if let token {
            headers.append(("Authorization", "Bearer \(token)"))
        }
        try client.write("CONNECT", headers: headers)
        _ = try client.connected(within: limit)
        return client
    }

    private init(
        host: String, port: UInt16, path: String, subprotocols: [String], headers: [(String, String)],
        limit: Duration
    ) throws(ClientError) {
        socket = try TCPSocket(host: host, port: port, timeout: limit, readTimeout: nil)
        var key = SystemRandomNumberGenerator()
        let nonce = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &key) }).base64EncodedString()
        var request = "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        request += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(nonce)\r\n"
        if !subprotocols.isEmpty {
            request += "Sec-WebSocket-Protocol: \(subprotocols.joined(separator: ", "))\r\n"
        }
        for (name, value) in headers {
            request += "\(name): \(value)\r\n"
        }
        try socket.write(Array((request + "\r\n").utf8))
        let opening = try Self.opening(on: socket)
        subprotocol = opening.answer.header("sec-websocket-protocol")
        let reader = StompReader(socket: socket, inbox: inbox, received: opening.rest)
        let thread = Thread { reader.run() }
        thread.stackSize = 512 * 1_024
        thread.start()
    }

    deinit { socket.shutdown() }

    private static func opening(on socket: TCPSocket) throws(ClientError) -> (answer: HTTPAnswer, rest: [UInt8]) {
        var received: [UInt8] = []
        while try socket.read(into: &received) {
            guard let (answer, start) = try HTTPAnswer.head(of: received) else { continue }
            guard answer.status == 101 else {
                throw .refused(status: answer.status, body: received.text(start..<received.count))
            }
            return (answer, Array(received[start...]))
        }
        throw .connection("closed before the handshake was answered")
    }
}

extension StompClient {
    /// Subscribes under `id` and waits for the receipt.
    public func subscribe(
        _ destination: String, id: String, ack: String = "auto", headers: [(String, String)] = [],
        within limit: Duration = usualWait
    ) throws(ClientError) {
        let receipt = "subscribe-\(id)-\(UUID().uuidString)"
        try write(
            "SUBSCRIBE",
            headers: [("id", id), ("destination", destination), ("ack", ack), ("receipt", receipt)] + headers)
        try awaitReceipt(receipt, within: limit)
    }

    /// Ends a subscription and waits for the receipt.
    public func unsubscribe(_ id: String, within limit: Duration = usualWait) throws(ClientError) {
        let receipt = "unsubscribe-\(id)-\(UUID().uuidString)"
        try write("UNSUBSCRIBE", headers: [("id", id), ("receipt", receipt)])
        try awaitReceipt(receipt, within: limit)
    }

    /// Sends a body; with `receipt`, `awaitReceipt` tells when it is done.
    public func send(
        _ destination: String, body: [UInt8], receipt: String? = nil, headers: [(String, String)] = []
    ) throws(ClientError) {
        let asked = receipt.map { [("receipt", $0)] } ?? []
        let type = [("content-type", "application/json")]
        try write("SEND", headers: [("destination", destination)] + type + asked + headers, body: body)
    }

    /// Sends JSON: `json` is what `JSONSerialization` takes.
    public func send(_ destination: String, json: [String: Any], receipt: String? = nil) throws {
        try send(destination, body: Array(JSONSerialization.data(withJSONObject: json)), receipt: receipt)
    }

    /// Sends any frame.
    public func write(
        _ command: String, headers: [(String, String)], body: [UInt8] = []
    ) throws(ClientError) {
        try writeRaw(StompMessage.encode(command, headers, body))
    }

    /// Sends bytes as one WebSocket message, however malformed.
    public func writeRaw(_ bytes: [UInt8]) throws(ClientError) {
        try socket.write(WebSocketFraming.encode(.text, bytes))
    }

    /// Writes bytes as they are, below the WebSocket, however malformed.
    public func writeUnframed(_ bytes: [UInt8]) throws(ClientError) { try socket.write(bytes) }

    /// Waits for CONNECTED.
    public func connected(within limit: Duration = usualWait) throws(ClientError) -> StompMessage {
        try inbox.connected(within: limit)
    }

    /// Waits for a receipt.
    public func awaitReceipt(_ id: String, within limit: Duration = usualWait) throws(ClientError) {
        try inbox.receipt(id, within: limit)
    }

    /// The receipts that have come so far.
    public var receipts: Set<String> { inbox.allReceipts }

    /// Waits until a subscription has had `count` messages; answers all that it had so far, which may be more.
    public func messages(
        _ subscription: String, count: Int, within limit: Duration = usualWait
    ) throws(ClientError) -> [StompMessage] {
        try inbox.messages(subscription, count: count, within: limit)
    }

    /// Waits for a message that matches, among those that have come and will come; the first `start` are left out.
    public func message(
        _ subscription: String, from start: Int = 0, within limit: Duration = usualWait,
        where matches: (StompMessage) -> Bool
    ) throws(ClientError) -> StompMessage {
        try inbox.message(subscription, from: start, within: limit, where: matches)
    }

    /// The messages that a subscription had so far.
    public func received(_ subscription: String) -> [StompMessage] { inbox.received(subscription) }

    /// Waits for an ERROR.
    public func error(within limit: Duration = usualWait) throws(ClientError) -> StompMessage {
        try inbox.error(within: limit)
    }

    /// Waits for the end of the WebSocket.
    public func closed(within limit: Duration = usualWait) throws(ClientError) -> Close {
        try inbox.close(within: limit)
    }

    /// Says goodbye and waits for its receipt, which says that all before it is done.
    public func disconnect(within limit: Duration = usualWait) throws(ClientError) {
        try write("DISCONNECT", headers: [("receipt", "disconnect")])
        try awaitReceipt("disconnect", within: limit)
        socket.shutdown()
    }

    /// Goes without a word, as a client does whose network is gone.
    public func drop() { socket.shutdown() }
}
