import Bytes
import Outbound
import WireProtocols

/// The client's side of a WebSocket. Confined to one thread; its calls may block.
final class TraceClientSocket {
    private let stream: OutboundStream
    private let scratch = WebSocketScratch()
    private var decoder = WebSocketDecoder(
        options: .init(role: .client, maxMessageBytes: TraceLimits.maxFrameBytes))
    /// What came behind the answer to the handshake.
    private var input: [UInt8] = []

    /// Opens the WebSocket of the gateway at `url`.
    init(url: String) throws(TraceFailure) {
        stream = try TraceClientSocket.connect(url)
        try open(host: String(url.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }))
    }

    /// Sends one text message.
    func send(_ text: [UInt8]) throws(TraceFailure) {
        var out = ByteWriter(capacity: text.count + 16)
        let mask = WebSocketMask(littleEndian: UInt32.random(in: .min ... .max))
        WebSocketFrameEncoder.appendMasked(text.span, opcode: .text, mask: mask, to: &out)
        try write(out.bytes)
    }

    /// The messages in what comes next, which may be none.
    func receive() throws(TraceFailure) -> [[UInt8]] {
        let bytes = input.isEmpty ? try read() : input
        input = []
        var messages: [[UInt8]] = []
        var isClosed = false
        var position = 0
        do throws(WebSocketFault) {
            while let event = try decoder.next(in: bytes.span, from: &position, scratch: scratch) {
                switch event {
                case .text, .binary: messages.append(scratch.withPayload { [UInt8](copying: $0) })
                case .close: isClosed = true
                case .ping, .pong: break
                }
            }
        } catch {
            throw TraceFailure("the gateway does not speak WebSocket as it should: \(error)")
        }
        // What came before the close says why, if anything does.
        guard !isClosed || !messages.isEmpty else { throw TraceFailure("the gateway closed the session") }
        return messages
    }

    private static func connect(_ url: String) throws(TraceFailure) -> OutboundStream {
        do throws(OutboundError) {
            return try OutboundStream(url: url, timeoutMilliseconds: TraceLimits.stepMilliseconds)
        } catch {
            throw TraceFailure("cannot connect to the gateway: \(error)")
        }
    }

    private func open(host: String) throws(TraceFailure) {
        let key = String(decoding: Base64.encode((0..<16).map { _ in UInt8.random(in: 0...255) }), as: UTF8.self)
        try write(
            Array(
                """
                GET /ws/chat HTTP/1.1\r
                Host: \(host)\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: \(key)\r
                Sec-WebSocket-Protocol: v12.stomp\r
                \r

                """.utf8))
        var head: [UInt8] = []
        while head.count < TraceLimits.maxHeadBytes {
            head += try read()
            guard let end = TraceClientSocket.end(ofHead: head) else { continue }
            let status = String(decoding: head.prefix { $0 != ASCII.carriageReturn }, as: UTF8.self)
            guard status.hasPrefix("HTTP/1.1 101") else {
                throw TraceFailure("the gateway does not open a WebSocket: \(status)")
            }
            input = Array(head[end...])
            return
        }
        throw TraceFailure("the gateway does not open a WebSocket: its answer has no end")
    }

    private static func end(ofHead bytes: [UInt8]) -> Int? {
        let end = Array("\r\n\r\n".utf8)
        return bytes.indices.first { bytes[$0...].starts(with: end) }.map { $0 + end.count }
    }

    private func write(_ bytes: [UInt8]) throws(TraceFailure) {
        do throws(OutboundError) {
            try stream.send(bytes)
        } catch {
            throw TraceFailure("the gateway is gone: \(error)")
        }
    }

    private func read() throws(TraceFailure) -> [UInt8] {
        do throws(OutboundError) {
            let bytes = try stream.receive()
            guard !bytes.isEmpty else { throw OutboundError.closed }
            return bytes
        } catch {
            throw TraceFailure("the gateway is gone: \(error)")
        }
    }
}
