import Foundation
import Launcher
import Synchronization

/// A Redis client that shares no code with the product, for what only a hand on Redis itself can do or see: it blocks,
/// one command at a time.
///
///     let redis = try RedisConsole(url: databases.redisURL)
///     try redis.call("XLEN", "stream:chat:room:{s1}:…").int
public final class RedisConsole: Sendable {
    /// What Redis answers.
    public indirect enum Reply: Sendable, Equatable {
        case text(String)
        case number(Int)
        case list([Reply])
        case null

        /// The text; nil where it is none.
        public var string: String? { if case .text(let text) = self { text } else { nil } }
        /// The number; nil where it is none.
        public var int: Int? { if case .number(let number) = self { number } else { nil } }
        /// The elements; none where it is no list.
        public var array: [Reply] { if case .list(let elements) = self { elements } else { [] } }
    }

    private struct Stream {
        var received: [UInt8] = []
        var start = 0
    }

    private let socket: TCPSocket
    private let stream = Mutex(Stream())

    /// Connects to a server on an IPv4 address, and its numbered database: `redis://127.0.0.1:6379/3`.
    public init(url: String, within limit: Duration = .seconds(15)) throws {
        guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port.flatMap(UInt16.init)
        else { throw ClientError.malformed(url) }
        socket = try TCPSocket(host: host, port: port, timeout: limit, readTimeout: limit)
        try call("SELECT", parts.path.isEmpty ? "0" : String(parts.path.dropFirst()))
    }

    /// Sends a command and waits for its answer.
    /// - Throws: `ClientError`, also for an error that Redis answers.
    @discardableResult
    public func call(_ arguments: String...) throws(ClientError) -> Reply {
        var request = "*\(arguments.count)\r\n"
        for argument in arguments {
            request += "$\(argument.utf8.count)\r\n\(argument)\r\n"
        }
        return try stream.withLock { stream throws(ClientError) in
            try socket.write(Array(request.utf8))
            defer {
                stream.received.removeFirst(stream.start)
                stream.start = 0
            }
            return try read(&stream)
        }
    }

    /// The digest by which the product calls one of its scripts, such as `publish`; Redis knows the script then.
    public func digest(ofScript name: String) throws -> String {
        let folder = ProjectFiles.find("Sources/Adapters/Redis/Scripts") ?? ""
        let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        guard let path = paths.first(where: { $0.hasSuffix("/\(name).lua") }) else {
            throw ClientError.malformed("there is no script \(name)")
        }
        let reply = try call("SCRIPT", "LOAD", String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8))
        guard let digest = reply.string else { throw ClientError.malformed("\(reply)") }
        return digest
    }

    /// The name of a room's key of a kind, such as `room:` or `stream:chat:room:`.
    public func key(_ kind: String, of room: String) throws -> String {
        guard let name = try call("KEYS", "\(kind){*}:\(room)").array.first?.string else {
            throw ClientError.malformed("Redis has no \(kind) of \(room)")
        }
        return name
    }

    /// The consumer groups of gateways on a room's log.
    public func gatewayGroups(of room: String) throws -> [String] {
        try call("XINFO", "GROUPS", key("stream:chat:room:", of: room)).array
            .compactMap { $0.array.count > 1 ? $0.array[1].string : nil }.filter { $0.hasPrefix("gw:") }
    }

    private func read(_ stream: inout Stream) throws(ClientError) -> Reply {
        let line = try line(&stream)
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .text(rest)
        case "-": throw .malformed("Redis answers \(rest)")
        case ":": return .number(Int(rest) ?? 0)
        case "$":
            guard let count = Int(rest), count >= 0 else { return .null }
            while stream.received.count < stream.start + count + 2 {
                try more(&stream)
            }
            defer { stream.start += count + 2 }
            return .text(stream.received.text(stream.start..<(stream.start + count)))
        case "*":
            guard let count = Int(rest), count >= 0 else { return .null }
            var elements: [Reply] = []
            for _ in 0..<count {
                elements.append(try read(&stream))
            }
            return .list(elements)
        default: throw .malformed(line)
        }
    }

    private func line(_ stream: inout Stream) throws(ClientError) -> String {
        while true {
            if let end = stream.received.place(of: [13, 10], from: stream.start) {
                defer { stream.start = end + 2 }
                return stream.received.text(stream.start..<end)
            }
            try more(&stream)
        }
    }

    private func more(_ stream: inout Stream) throws(ClientError) {
        guard try socket.read(into: &stream.received) else { throw .connection("Redis closed the connection") }
    }
}
