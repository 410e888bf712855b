/// A host, by name or number, and a port: what a configuration says and a resolver has yet to look up.
public struct HostPort: Hashable, Sendable, LosslessStringConvertible {
    /// A name, or a numeric address without brackets.
    public let host: String
    public let port: UInt16

    /// A host and a port that are known apart.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `redis.internal:6379`, `127.0.0.1:6379` or `[::1]:6379`; nil where it is none of these.
    public init?(_ description: String) {
        guard let colon = description.lastIndex(of: ":") else { return nil }
        let digits = description[description.index(after: colon)...]
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else { return nil }
        var host = description[..<colon]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    /// The form that ``init(_:)`` reads.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
