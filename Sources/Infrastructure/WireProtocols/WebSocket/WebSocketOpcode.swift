/// What a frame is (RFC 6455 §5.2).
public enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether the frame controls the connection instead of carrying a message (RFC 6455 §5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}

/// Which side of the connection we are: a client masks its frames, a server must not (RFC 6455 §5.1).
public enum WebSocketRole: Sendable {
    case server
    case client
}
