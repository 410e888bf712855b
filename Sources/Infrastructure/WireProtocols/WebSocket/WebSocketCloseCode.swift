/// Why a connection was closed (RFC 6455 §7.4 and the IANA registry).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    /// Any number, also one that must not be sent.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Issued when the purpose is fulfilled. The client need not come back.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// Issued when a side goes away or the peer has fallen silent. The client reconnects.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// Issued when the peer broke RFC 6455 or STOMP. The client is to be mended.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// Never sent: the peer's Close carried no code.
    public static let noStatus = WebSocketCloseCode(rawValue: 1005)
    /// Never sent: the connection broke without a Close.
    public static let abnormal = WebSocketCloseCode(rawValue: 1006)
    /// Issued when text is not UTF-8 or compressed data is damaged. The client is to be mended.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// Issued when a rule of the service forbids going on. The reason says what to do.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// Issued when a message is over the limit. The client sends smaller ones.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// Issued when the server restarts or drains. The client reconnects after the time that the reason gives.
    public static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
    /// Issued when the server is too busy. The client tries again later.
    public static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)

    /// Whether the code may stand in a Close frame (RFC 6455 §7.4.1, §7.4.2).
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// How a connection ended: the code and what was said about it.
public struct WebSocketClosure: Equatable, Sendable {
    public let code: WebSocketCloseCode
    public let reason: String

    /// A closure for `code`; a reason over 123 bytes is cut when it is sent.
    public init(_ code: WebSocketCloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
