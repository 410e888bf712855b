import Foundation

/// What a server answered to one request.
public struct HTTPAnswer: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields in order, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The body, unchunked.
    public let body: [UInt8]

    /// The first header field of that name in whatever case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    public var json: JSONNode { JSONNode(body) }

    /// Reads the status line and header fields at the start of `bytes`; nil while they are not whole. `bodyStart` is
    /// where the body begins.
    static func head(of bytes: [UInt8]) throws(ClientError) -> (answer: HTTPAnswer, bodyStart: Int)? {
        guard let end = bytes.place(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = bytes.text(0..<end).components(separatedBy: "\r\n")
        let parts = lines[0].split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw .malformed("status line \(lines[0])")
        }
        let headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count > 1 ? pair[1].trimmingCharacters(in: .whitespaces) : ""
            return (name: pair[0].lowercased(), value: value)
        }
        return (HTTPAnswer(status: status, headers: headers, body: []), end + 4)
    }

    func with(body: [UInt8]) -> HTTPAnswer { HTTPAnswer(status: status, headers: headers, body: body) }

    /// Undoes `Transfer-Encoding: chunked`; `bytes` end with the stream.
    static func unchunked(_ bytes: [UInt8], from start: Int) throws(ClientError) -> [UInt8] {
        var body: [UInt8] = []
        var index = start
        while let lineEnd = bytes.place(of: Array("\r\n".utf8), from: index) {
            let size = bytes.text(index..<lineEnd).split(separator: ";").first.flatMap { Int($0, radix: 16) }
            guard let size, lineEnd + 4 + size <= bytes.count else { break }
            if size == 0 { return body }
            body.append(contentsOf: bytes[(lineEnd + 2)..<(lineEnd + 2 + size)])
            index = lineEnd + 4 + size
        }
        throw .malformed("chunked body ends early")
    }
}
