import Bytes
import EventLoop
import Gateway
import WireProtocols

/// A WebSocket echo server built of the gateway's own connection code: what the conformance tests drive.
enum EchoServer {
    /// Bytes of a message: the largest that the conformance cases send.
    static let maxMessageBytes = 16 << 20
    /// Bytes that may wait for a client: those cases read slowly and send several large messages at once.
    static let maxQueuedBytes = 256 << 20

    /// Serves until the process is ended. Returns the exit code where it cannot.
    static func run(_ options: EchoOptions) async -> Int32 {
        do {
            let loop = try EventLoop.start(name: "echo")
            let address = try await loop.submit { try listen(on: loop, port: options.port) }
            Console.say("echo server on \(address)\n")
            await ended(loop)
            await loop.stop()
            return 0
        } catch {
            Console.complain("\(error)")
            return 1
        }
    }

    private static func listen(on loop: EventLoop, port: UInt16) throws(EventLoopError) -> SocketAddress {
        let shared = WebSocketLoop(
            loop: loop, maxMessageBytes: maxMessageBytes,
            outboundLimits: OutboundLimits(maxQueuedBytes: maxQueuedBytes))
        let encoder = EchoEncoder()
        let listener = try TCPListener.listen(on: loop, address: .loopback(port: port), reusePort: false) { tcp in
            tcp.delegate = EchoUpgrade(shared: shared, encoder: encoder)
        }
        return listener.address
    }

    /// Returns on SIGTERM or SIGINT.
    private static func ended(_ loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                var waiting: CheckedContinuation<Void, Never>? = continuation
                for signal in [SignalSource.Signal.terminate, .interrupt] {
                    do throws(EventLoopError) {
                        try SignalSource.observe(signal, on: loop) { waiting.take()?.resume() }
                    } catch {
                        Console.complain("\(error)")
                        waiting.take()?.resume()
                    }
                }
            }
        }
    }
}

/// Sends every message back as it came.
final class EchoHandler: WebSocketHandler {
    private let encoder: EchoEncoder

    init(encoder: EchoEncoder) { self.encoder = encoder }

    func webSocket(_ connection: WebSocketConnection, received message: Span<UInt8>, isText: Bool) {
        connection.send(encoder.encode(message, isText: isText, deflate: connection.acceptance.deflate))
    }

    func webSocketClosed(_ connection: WebSocketConnection, code: UInt16, reason: String) {}
}

/// Puts echoes into frames, compressed with the window that each connection agreed on. Confined to one loop.
final class EchoEncoder {
    private var deflaters: [Int: Deflater] = [:]

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
