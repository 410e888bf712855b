import Glibc

/// One HTTP request on a connection of its own.
enum HTTPCall {
    /// The status of the answer; nil without one. May block for as long as `patience`.
    static func status(
        _ method: String, _ path: String, port: UInt16, token: String? = nil, json: String? = nil,
        patience: Int = 10
    ) -> Int? {
        guard let endpoint = try? Endpoint("ws://127.0.0.1:\(port)/"), let socket = try? endpoint.connect() else {
            return nil
        }
        defer { close(socket) }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        if let token {
            head += "Authorization: Bearer \(token)\r\n"
        }
        if let json {
            head += "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n"
        }
        let request = Array("\(head)\r\n\(json ?? "")".utf8)
        var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, Int32(patience * 1000)) == 1,
            send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { return nil }
        waiting.events = Int16(POLLIN)
        guard poll(&waiting, 1, Int32(patience * 1000)) == 1 else { return nil }
        var answer = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &answer, answer.count, 0)
        let words = String(decoding: answer.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? Int(words[1]) : nil
    }
}
