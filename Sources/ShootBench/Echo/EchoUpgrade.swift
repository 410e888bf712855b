import Bytes
import EventLoop
import Gateway
import WireProtocols

/// Reads one request's head and turns its connection into a WebSocket.
final class EchoUpgrade: TCPConnectionDelegate {
    /// Bytes of a head; test clients send a few hundred.
    private static let maxHeadBytes = 16_384

    private let shared: WebSocketLoop
    private let encoder: EchoEncoder
    private var head: [UInt8] = []

    init(shared: WebSocketLoop, encoder: EchoEncoder) {
        self.shared = shared
        self.encoder = encoder
    }

    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        head += [UInt8](copying: bytes)
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if head.count > Self.maxHeadBytes {
                connection.close()
            }
            return
        }
        let lines = String(decoding: head[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let rest = Array(head[end.upperBound...])
        let method = lines.first?.split(separator: " ").first.map(String.init) ?? ""
        let request = WebSocketHandshake.Request(method: method) { name in Self.values(of: "\(name)", in: lines) }
        switch WebSocketHandshake(subprotocols: [], compresses: true).respond(to: request) {
        case .accept(let acceptance):
            let webSocket = WebSocketConnection(on: connection, acceptance: acceptance, shared: shared)
            webSocket.open(handler: EchoHandler(encoder: encoder))
            webSocket.connection(connection, received: rest.span)
        case .refuse(let refusal):
            var writer = ByteWriter()
            writer.append(utf8: "HTTP/1.1 \(refusal.status) Refused\r\nConnection: close\r\n")
            for (name, value) in refusal.headers {
                writer.append(utf8: "\(name): \(value)\r\n")
            }
            writer.append(utf8: "Content-Length: \(refusal.message.utf8.count + 1)\r\n\r\n\(refusal.message)\n")
            connection.write(writer.bytes)
            connection.closeAfterFlush()
        }
    }

    func connectionDrained(_ connection: TCPConnection) {}

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {}

    private static func values(of name: String, in lines: [Substring]) -> [String] {
        lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
            return line[line.index(after: colon)...].trimmingSpaces()
        }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        let start = firstIndex { $0 != " " } ?? endIndex
        let end = lastIndex { $0 != " " }.map(index(after:)) ?? start
        return String(self[start..<end])
    }
}
