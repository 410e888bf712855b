/// Asks an HTTP server on this machine for one page.
public enum HTTPProbe {
    /// The status with which `GET path` is answered; nil without an answer. May block for a few seconds.
    public static func status(port: UInt16, path: String) -> Int? {
        guard let connection = LoopbackConnection(port: port) else { return nil }
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        guard
            connection.send(Array(request.utf8)),
            let answer = connection.receive(until: { $0.count >= 12 })
        else { return nil }
        return status(ofAnswer: answer)
    }

    /// The status in an answer that begins `HTTP/1.1 200`; nil when it does not begin so.
    static func status(ofAnswer answer: [UInt8]) -> Int? {
        let parts = String(decoding: answer.prefix(12), as: UTF8.self).split(separator: " ")
        guard parts.count == 2, parts[0].hasPrefix("HTTP/1.") else { return nil }
        return Int(parts[1])
    }
}
