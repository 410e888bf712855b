/// Why a client of the tests could not do what it was to do.
public enum ClientError: Error, CustomStringConvertible {
    /// The socket failed, or the peer is gone.
    case connection(String)
    /// What was waited for did not come in time; the text says what had come instead.
    case timedOut(String)
    /// The peer's answer could not be read.
    case malformed(String)
    /// The WebSocket was refused with an HTTP answer.
    case refused(status: Int, body: String)

    /// The reason as a test's report shows it.
    public var description: String {
        switch self {
        case .connection(let reason): "connection: \(reason)"
        case .timedOut(let reason): "timed out: \(reason)"
        case .malformed(let reason): "malformed answer: \(reason)"
        case .refused(let status, let body): "refused with HTTP \(status): \(body)"
        }
    }
}
