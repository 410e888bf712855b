/// The reading half of a client: runs on its own thread until the connection ends. It does not hold the client, so that
/// a test that forgets one ends it.
struct StompReader: Sendable {
    let socket: TCPSocket
    let inbox: StompInbox
    /// What came with the handshake's answer.
    let received: [UInt8]

    func run() {
        do throws(ClientError) {
            var bytes = received
            var stomp: [UInt8] = []
            repeat {
                guard try take(&bytes, into: &stomp) else { break }
                inbox.add(try Self.frames(in: &stomp))
            } while try socket.read(into: &bytes)
            inbox.end(StompClient.Close(code: 1006, reason: "the connection ended without a close frame"))
        } catch {
            inbox.end(StompClient.Close(code: 1006, reason: "\(error)"))
        }
        socket.shutdown()
    }

    /// Takes the WebSocket frames out of `bytes`; false after a close.
    private func take(_ bytes: inout [UInt8], into stomp: inout [UInt8]) throws(ClientError) -> Bool {
        var offset = 0
        defer { bytes.removeSubrange(..<offset) }
        while let frame = try WebSocketFraming.next(in: bytes, at: &offset) {
            switch frame.opcode {
            case .text, .binary, .continuation: stomp.append(contentsOf: frame.payload)
            case .pong: break
            case .ping: try socket.write(WebSocketFraming.encode(.pong, frame.payload))
            case .close:
                inbox.add(try Self.frames(in: &stomp))
                let code = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                let reason = String(decoding: frame.payload.dropFirst(2), as: UTF8.self)
                inbox.end(StompClient.Close(code: frame.payload.isEmpty ? 1005 : code, reason: reason))
                // The peer may be gone already; its close has been seen.
                try? socket.write(WebSocketFraming.encode(.close, Array(frame.payload.prefix(2))))
                return false
            }
        }
        return true
    }

    private static func frames(in stomp: inout [UInt8]) throws(ClientError) -> [StompMessage] {
        var frames: [StompMessage] = []
        var offset = 0
        defer { stomp.removeSubrange(..<offset) }
        while let frame = try StompMessage.next(in: stomp, at: &offset) {
            frames.append(frame)
        }
        return frames
    }
}
