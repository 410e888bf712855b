/// All of a request that comes before its body.
public struct HTTPRequestHead: Sendable {
    /// How the end of the body is told (RFC 9112 §6).
    public enum BodyLength: Equatable, Sendable {
        /// There is none, or it is this many bytes.
        case exactly(Int)
        /// It comes in chunks.
        case chunked
    }

    public let method: HTTPMethod
    public let target: HTTPTarget
    public let fields: HTTPFields
    public let bodyLength: BodyLength
    /// Whether the connection may serve another request after this one.
    public let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool
    /// Whether the client asks for another protocol: `Connection: upgrade` with an `Upgrade` field.
    public let wantsUpgrade: Bool
}
