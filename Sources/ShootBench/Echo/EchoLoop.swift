import Bytes
import EventLoop
import Gateway
import WireProtocols

/// What the echoes of one loop share. Confined to that loop.
final class EchoLoop {
    private let webSockets: WebSocketLoop
    private let handshake = WebSocketHandshake(subprotocols: [], compresses: true)
    private var deflaters: [Int: Deflater] = [:]

    init(_ loop: EventLoop) {
        webSockets = WebSocketLoop(
            loop: loop, maxMessageBytes: EchoServer.maxMessageBytes,
            outboundLimits: OutboundLimits(maxQueuedBytes: EchoServer.maxQueuedBytes))
    }

    func upgrade(_ request: HTTPRequest, _ connection: TCPConnection, _ remainder: [UInt8]) -> HTTPResponse? {
        webSockets.upgrade(request, connection, remainder, handshake: handshake) { _ in EchoHandler(self) }
    }

    /// Puts an echo into a frame, compressed with the window that its connection agreed on.
    func encode(_ message: Span<UInt8>, isText: Bool, deflate: PerMessageDeflate?) -> SharedBytes {
        var writer = ByteWriter(capacity: message.count + 16)
        let deflater = deflate.map { self.deflater(windowBits: $0.serverMaxWindowBits) }
        WebSocketFrameEncoder.append(message, isText: isText, deflater: deflater, to: &writer)
        return SharedBytes(writer.bytes)
    }

    private func deflater(windowBits: Int) -> Deflater {
        if let deflater = deflaters[windowBits] { return deflater }
        let deflater = Deflater(windowBits: windowBits)
        deflaters[windowBits] = deflater
        return deflater
    }
}

/// Sends every message back as it came.
final class EchoHandler: WebSocketHandler {
    private let shared: EchoLoop

    init(_ shared: EchoLoop) { self.shared = shared }

    func webSocket(_ connection: WebSocketConnection, received message: Span<UInt8>, isText: Bool) {
        connection.send(shared.encode(message, isText: isText, deflate: connection.acceptance.deflate))
    }

    func webSocketClosed(_ connection: WebSocketConnection, code: UInt16, reason: String) {}
}
