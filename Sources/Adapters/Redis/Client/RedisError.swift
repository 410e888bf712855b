/// What failed in talking to Redis, why, and where it was noticed.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: Equatable, Sendable {
        /// There is no connection, and the caller did not want to wait for one. Nothing was sent.
        case unavailable
        /// Too much is queued or in flight already. Nothing was sent.
        case overloaded
        /// No reply within the deadline. `written`: whether the server may have carried the command out.
        case timedOut(written: Bool)
        /// The connection ended before the reply. `written`: whether the server may have carried the command out.
        case connectionLost(written: Bool)
        /// The server answered with an error; `prefix` is its first word, as `NOGROUP`, `OOM`, `READONLY`, `LOADING`.
        case server(prefix: String)
        /// The reply is of another shape than the command has.
        case protocolViolation
        /// A URL that names no Redis server.
        case badURL
        /// TLS was asked for and cannot be set up as configured.
        case tls
    }

    public let code: Code
    /// The words of the server, the system or the parser; never a password.
    public let cause: String

    private let fileID: StaticString
    private let line: UInt32

    /// An error with the place that noticed it.
    public init(_ code: Code, _ cause: String, fileID: StaticString = #fileID, line: UInt32 = #line) {
        self.code = code
        self.cause = cause
        self.fileID = fileID
        self.line = line
    }

    /// The error that a reply of kind `error` stands for; its first word becomes the prefix.
    init(serverText text: String, fileID: StaticString = #fileID, line: UInt32 = #line) {
        let prefix = text.prefix { $0 != " " }
        self.init(.server(prefix: String(prefix)), text, fileID: fileID, line: line)
    }

    /// Whether the server answered with the error `prefix`.
    public func isServer(_ prefix: String) -> Bool { code == .server(prefix: prefix) }

    /// Whether the server may have carried the command out although there is no reply: repeating it is safe only if it
    /// is idempotent.
    public var isOutcomeUnknown: Bool { code == .timedOut(written: true) || code == .connectionLost(written: true) }

    /// Whether the same command may succeed later.
    public var isRetriable: Bool {
        switch code {
        case .unavailable, .overloaded, .timedOut, .connectionLost: true
        case .server(let prefix): Self.passingPrefixes.contains(prefix)
        case .protocolViolation, .badURL, .tls: false
        }
    }

    /// Server errors that tell of a state that passes: start-up, fail-over, a slot on the move, a long script, no memory.
    private static let passingPrefixes: Set<String> = [
        "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOREPLICAS", "MISCONF", "OOM",
    ]

    public var description: String { "\(code): \(cause) (\(fileID):\(line))" }
}
