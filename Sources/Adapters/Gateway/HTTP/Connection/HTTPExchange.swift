import Domain
import WireProtocols

/// A request that has been answered, for those who count and log.
public struct HTTPExchange: Sendable {
    /// Nil where the request could not be read that far.
    public let method: HTTPMethod?
    /// The pattern of the route, such as `/api/v1/chatrooms/{roomId}`; nil where there was none.
    public let route: String?
    public let status: Int
    /// The error that was told, if it was one.
    public let errorCode: ErrorCode?
    /// Milliseconds from the whole request to its answer.
    public let milliseconds: UInt64
    public let traceID: TraceID
}
