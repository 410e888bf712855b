import EventLoop

/// Which Redis server to talk to, as whom, and how long to wait for it.
public struct RedisConfiguration: Sendable, CustomStringConvertible {
    /// Where the server listens.
    public var endpoint: HostPort
    /// Whom to trust where the connection is encrypted (`rediss://`); nil: in the clear.
    public var tls: TLSClientContext?
    /// The ACL user; nil: Redis' `default`.
    public var username: String?
    /// The password; nil: no AUTH is sent.
    public var password: String?
    /// The logical database, chosen by SELECT where it is not 0.
    public var database: UInt32 = 0
    /// What `CLIENT LIST` shows for the connection; empty: nothing. Without spaces.
    public var clientName = ""
    /// Milliseconds to establish a connection, and again as much for its handshake.
    public var connectMilliseconds = RedisLimits.connectMilliseconds
    /// Milliseconds from sending a command to giving up on its reply.
    public var commandMilliseconds = RedisLimits.commandMilliseconds

    /// A server without encryption, password or any other specialty.
    public init(endpoint: HostPort) { self.endpoint = endpoint }

    /// The configuration as a URL, without the password.
    public var description: String {
        let user = username.map { "\($0)@" } ?? ""
        return "\(tls == nil ? "redis" : "rediss")://\(user)\(endpoint)/\(database)"
    }
}
