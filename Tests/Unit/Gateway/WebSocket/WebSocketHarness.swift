import Bytes
import EventLoop
import Gateway
import Support
import WireProtocols

/// What the layer above a WebSocket was told.
struct Heard: Sendable {
    var connection: LoopBound<WebSocketConnection>?
    var messages: [String] = []
    var pongs = 0
    var closed: [WebSocketClosure] = []
}

/// A layer above that writes down what it is told, and does what a test wants it to.
final class RecordingHandler: WebSocketHandler {
    private let heard: Observed<Heard>
    private let received: (WebSocketConnection, String) -> Void

    init(_ heard: Observed<Heard>, received: @escaping (WebSocketConnection, String) -> Void) {
        self.heard = heard
        self.received = received
    }

    func webSocket(_ connection: WebSocketConnection, received message: Span<UInt8>, isText: Bool) {
        let text = String(utf8: message) ?? ""
        heard.update { $0.messages.append(text) }
        received(connection, text)
    }

    func webSocketHeardPong(_ connection: WebSocketConnection) { heard.update { $0.pongs += 1 } }

    func webSocketClosed(_ connection: WebSocketConnection, code: UInt16, reason: String) {
        heard.update { $0.closed.append(WebSocketClosure(WebSocketCloseCode(rawValue: code), reason)) }
    }
}

/// A server and a client on one loop, the client as bare as TCP.
struct WebSocketHarness {
    static let request = """
        GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
        """

    let loop: EventLoop
    /// What the server's layer above was told.
    let heard: Observed<Heard>
    /// What the client's socket saw.
    let seen: Observed<Seen>
    let client: LoopBound<TCPConnection>

    init(
        on loop: EventLoop, outboundLimits: OutboundLimits = OutboundLimits(),
        received: @escaping @Sendable (WebSocketConnection, String) -> Void = { _, _ in }
    ) async throws {
        self.loop = loop
        let heard = Observed(Heard())
        let seen = Observed(Seen())
        let shared = try await loop.submit {
            LoopBound(WebSocketLoop(loop: loop, outboundLimits: outboundLimits), on: loop)
        }
        var router = HTTPRouter()
        let handshake = WebSocketHandshake(subprotocols: [], compresses: false)
        router.onWebSocket("/ws") { request, connection, remainder in
            shared.value.upgrade(request, connection, remainder, handshake: handshake) { webSocket in
                let bound = LoopBound(webSocket, on: loop)
                heard.update { $0.connection = bound }
                return RecordingHandler(heard, received: received)
            }
        }
        let server = try await HTTPServer.start(
            on: [loop], configuration: HTTPServer.Configuration(address: .loopback(port: 0), router: router))
        client = try await loop.connect(to: server.address) { $0.delegate = Recorder(seen) }
        self.heard = heard
        self.seen = seen
    }

    /// A client that has asked for a WebSocket and been given it.
    static func opened(
        on loop: EventLoop, outboundLimits: OutboundLimits = OutboundLimits(),
        received: @escaping @Sendable (WebSocketConnection, String) -> Void = { _, _ in }
    ) async throws -> WebSocketHarness {
        let harness = try await WebSocketHarness(on: loop, outboundLimits: outboundLimits, received: received)
        try await harness.send(text: request)
        await harness.seen.wait { $0.answer.hasPrefix("HTTP/1.1 101 ") }
        return harness
    }

    func send(_ frames: [ClientFrame]) async throws {
        try await loop.submit { client.value.write(frames.flatMap(\.bytes)) }
    }

    func send(text: String) async throws {
        try await loop.submit { client.value.write(Array(text.utf8)) }
    }

    /// Does something with the server's end.
    func onServer(_ body: @escaping @Sendable (WebSocketConnection) -> Void) async throws {
        guard let connection = await heard.wait(until: { $0.connection != nil }).connection else { return }
        try await loop.submit { body(connection.value) }
    }
}

extension Seen {
    /// The head of the HTTP answer.
    var answer: String { String(decoding: bytes[..<headEnd], as: UTF8.self) }

    /// The frames that came after it.
    var frames: [WebSocketDecoded.Event] {
        WebSocketDecoded([Array(bytes[headEnd...])], options: WebSocketDecoder.Options(role: .client)).events
    }

    private var headEnd: Int { bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0 }
}

/// A server's text message.
func textFrame(_ text: String) -> SharedBytes {
    var writer = ByteWriter()
    WebSocketFrameEncoder.append(Array(text.utf8).span, isText: true, deflater: nil, to: &writer)
    return SharedBytes(writer.bytes)
}
