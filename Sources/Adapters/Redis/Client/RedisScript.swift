import Bytes
import WireProtocols

/// A Lua script, called by the SHA-1 of its source.
public struct RedisScript: Sendable {
    /// What it is called in logs and metrics; its file's name.
    public let name: String
    /// The source in Lua.
    public let source: [UInt8]
    /// The SHA-1 of the source in 40 lower-case hexadecimal digits, as `EVALSHA` wants it.
    public let digest: [UInt8]

    /// A script out of its source.
    public init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        var digits = ByteWriter(capacity: 2 * SHA1.digestLength)
        digits.append(hex: SHA1.digest(of: source))
        digest = digits.bytes
    }
}
