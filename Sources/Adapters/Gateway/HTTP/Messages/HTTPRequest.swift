import Domain
import WireProtocols

/// A request as its handler gets it: whole, its route known.
public struct HTTPRequest: Sendable {
    public let head: HTTPRequestHead
    /// The body, without its chunks; empty where there is none.
    public let body: [UInt8]
    /// The unescaped pieces of the path that the route's pattern names.
    public let parameters: [String: String]
    /// The numeric address of the client, as far as trusted proxies tell it.
    public let clientAddress: String
    /// Names the request in logs, in answers and in what it causes elsewhere.
    public let traceID: TraceID

    /// The header fields.
    public var fields: HTTPFields { head.fields }

    /// The value of the first query item `name`, unescaped; nil where there is none.
    public func query(_ name: String) -> String? { head.target[name] }
}
