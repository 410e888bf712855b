import Foundation

/// A STOMP client that subscribes, and then reads nothing any more, as one does whose program hangs, until it is told to.
///
/// Call it where blocking is allowed.
public final class StuckReader: Sendable {
    private let socket: TCPSocket

    /// Connects and subscribes. `receiveBuffer` bounds what the kernel takes in its place, bytes.
    public init(port: UInt16, token: String, destinations: [String], receiveBuffer: Int32 = 16_384) throws(ClientError)
    {
        socket = try TCPSocket(
            host: "127.0.0.1", port: port, timeout: .seconds(15), readTimeout: .seconds(15),
            receiveBuffer: receiveBuffer)
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        var request = "GET /ws/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        request += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\nAuthorization: Bearer \(token)\r\n\r\n"
        try socket.write(Array(request.utf8))
        try write("CONNECT", [("accept-version", "1.2"), ("heart-beat", "0,0")])
        for (number, destination) in destinations.enumerated() {
            let receipt = "subscribed-\(number);"
            try write("SUBSCRIBE", [("id", "stuck-\(number)"), ("destination", destination), ("receipt", receipt)])
            _ = try read(until: "receipt-id:\(receipt)")
        }
    }

    /// Reads on until this text has come; gives all that has come.
    public func read(until end: String) throws(ClientError) -> String {
        let pattern = Array(end.utf8)
        var received: [UInt8] = []
        var searched = 0
        while received.place(of: pattern, from: searched) == nil {
            searched = max(received.count - pattern.count, 0)
            guard try socket.read(into: &received) else { throw .connection("closed before \(end)") }
        }
        return received.text(0..<received.count)
    }

    private func write(_ command: String, _ headers: [(String, String)]) throws(ClientError) {
        try socket.write(WebSocketFraming.encode(.text, StompMessage.encode(command, headers, [])))
    }
}
