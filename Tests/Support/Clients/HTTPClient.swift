import Foundation

/// A blocking HTTP/1.1 client that shares no code with the server: one connection a request.
public struct HTTPClient: Sendable {
    /// Where the server is: an IPv4 address.
    public let host: String
    /// Its port.
    public let port: UInt16
    /// The longest time for connecting, and for each silence of the server.
    public let timeout: Duration

    /// A client for one server.
    public init(host: String = "127.0.0.1", port: UInt16, timeout: Duration = .seconds(10)) {
        self.host = host
        self.port = port
        self.timeout = timeout
    }

    /// Sends a request and waits for the whole answer. `token` becomes `Authorization: Bearer`.
    public func request(
        _ method: String, _ path: String, token: String? = nil, headers: [(String, String)] = [], body: [UInt8] = []
    ) throws(ClientError) -> HTTPAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
        if let token {
            head += "Authorization: Bearer \(token)\r\n"
        }
        for (name, value) in headers {
            head += "\(name): \(value)\r\n"
        }
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) {
            head += "Content-Length: \(body.count)\r\n"
        }
        return try exchange(Array((head + "\r\n").utf8) + body, hasBody: method != "HEAD")
    }

    /// Sends a request with a JSON body: `json` is what `JSONSerialization` takes.
    public func request(
        _ method: String, _ path: String, token: String? = nil, json: [String: Any]
    ) throws -> HTTPAnswer {
        let body = try JSONSerialization.data(withJSONObject: json)
        return try request(
            method, path, token: token, headers: [("Content-Type", "application/json")], body: Array(body))
    }

    /// Sends bytes as they are, however malformed, and reads one answer.
    public func exchange(_ bytes: [UInt8], hasBody: Bool = true) throws(ClientError) -> HTTPAnswer {
        let socket = try TCPSocket(host: host, port: port, timeout: timeout, readTimeout: timeout)
        try socket.write(bytes)
        var received: [UInt8] = []
        while true {
            if let head = try HTTPAnswer.head(of: received) {
                // An interim answer (RFC 9110 §15.2) is not the answer.
                guard head.answer.status >= 200 else {
                    received.removeFirst(head.bodyStart)
                    continue
                }
                return try finish(head.answer, from: head.bodyStart, hasBody: hasBody, received: &received, on: socket)
            }
            guard try socket.read(into: &received) else { throw .connection("closed before an answer") }
        }
    }

    private func finish(
        _ answer: HTTPAnswer, from start: Int, hasBody: Bool, received: inout [UInt8], on socket: TCPSocket
    ) throws(ClientError) -> HTTPAnswer {
        guard hasBody, answer.status != 204, answer.status != 304 else { return answer }
        if let length = answer.header("content-length").flatMap({ Int($0) }) {
            while received.count < start + length {
                guard try socket.read(into: &received) else { throw .malformed("body ends early") }
            }
            return answer.with(body: Array(received[start..<(start + length)]))
        }
        while try socket.read(into: &received) {}
        guard answer.header("transfer-encoding")?.lowercased() == "chunked" else {
            return answer.with(body: Array(received[start...]))
        }
        return answer.with(body: try HTTPAnswer.unchunked(received, from: start))
    }
}
