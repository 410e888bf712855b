/// A channel of Redis' publish and subscribe.
public struct RedisChannel: Hashable, Sendable {
    /// How a channel spreads over a cluster.
    public enum Kind: Sendable {
        /// Heard on every node: `SUBSCRIBE`, `PUBLISH`.
        case plain
        /// Heard on the node of its slot: `SSUBSCRIBE`, `SPUBLISH` (Redis 7).
        case sharded
    }

    public let kind: Kind
    public let name: [UInt8]

    /// A channel by its name.
    public init(_ name: [UInt8], kind: Kind = .sharded) {
        self.name = name
        self.kind = kind
    }
}
