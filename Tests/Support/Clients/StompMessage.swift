import Foundation

/// A STOMP frame as a client sees it. Headers are looked up when asked for: a test that receives a hundred thousand
/// messages looks at few of them.
public struct StompMessage: Sendable {
    private let bytes: [UInt8]
    private let bodyStart: Int

    /// MESSAGE, RECEIPT, ERROR or CONNECTED.
    public let command: String

    /// Takes the next frame out of `bytes` at `offset`, which moves behind it; nil while it is not whole.
    static func next(in bytes: [UInt8], at offset: inout Int) throws(ClientError) -> StompMessage? {
        while offset < bytes.count, bytes[offset] == 0x0A || bytes[offset] == 0x0D {
            offset += 1
        }
        guard offset < bytes.count, let blank = bytes.place(of: Array("\n\n".utf8), from: offset) else { return nil }
        let head = StompMessage(bytes: Array(bytes[offset..<(blank + 2)]), bodyStart: blank + 2 - offset)
        var end = blank + 2
        if let length = head.header("content-length") {
            guard let count = Int(length) else { throw .malformed("content-length \(length)") }
            end += count
            guard end < bytes.count else { return nil }
        } else {
            guard let nul = bytes.place(of: 0, from: end) else { return nil }
            end = nul
        }
        guard bytes[end] == 0 else { throw .malformed("no NUL at the end of \(head.command)") }
        let frame = StompMessage(bytes: Array(bytes[offset..<end]), bodyStart: head.bodyStart)
        offset = end + 1
        return frame
    }

    private init(bytes: [UInt8], bodyStart: Int) {
        self.bytes = bytes
        self.bodyStart = bodyStart
        command = bytes.text(0..<(bytes.place(of: 0x0A) ?? 0))
    }

    /// The first header of that name, escapes undone.
    public func header(_ name: String) -> String? {
        guard let found = bytes.place(of: Array("\n\(name):".utf8)), found < bodyStart,
            let end = bytes.place(of: 0x0A, from: found + 1), end < bodyStart
        else { return nil }
        let value = bytes.text((found + name.utf8.count + 2)..<end)
        return value.contains("\\") && command != "CONNECTED" ? Self.unescaped(value) : value
    }

    /// The body.
    public var body: [UInt8] { Array(bytes[bodyStart...]) }

    /// The body as text.
    public var text: String { bytes.text(bodyStart..<bytes.count) }

    /// The body as JSON.
    public var json: JSONNode { JSONNode(body) }

    /// A frame of a client in STOMP 1.2.
    static func encode(_ command: String, _ headers: [(String, String)], _ body: [UInt8]) -> [UInt8] {
        var head = command + "\n"
        for (name, value) in headers {
            head += command == "CONNECT" ? "\(name):\(value)\n" : "\(escaped(name)):\(escaped(value))\n"
        }
        if !body.isEmpty {
            head += "content-length:\(body.count)\n"
        }
        return Array((head + "\n").utf8) + body + [0]
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\r", with: "\\r").replacing("\n", with: "\\n")
            .replacing(":", with: "\\c")
    }

    private static func unescaped(_ text: String) -> String {
        var out = ""
        var isEscape = false
        for character in text {
            if isEscape {
                out.append(["n": "\n", "r": "\r", "c": ":"][character] ?? character)
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else {
                out.append(character)
            }
        }
        return out
    }
}
