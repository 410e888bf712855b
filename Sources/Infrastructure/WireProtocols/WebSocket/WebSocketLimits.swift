/// The bounds of the WebSocket codec and session, each with its unit and reason.
public enum WebSocketLimits {
    /// Bytes of one message after inflating: a chat text of 10,000 characters is at most 40,000 bytes of UTF-8, and
    /// its envelope needs room besides.
    public static let maxMessageBytes = 65_536

    /// Bytes of a control frame's payload (RFC 6455 §5.5).
    public static let maxControlPayloadBytes = 125

    /// Bytes of a close reason: a control payload less the two of the code.
    public static let maxCloseReasonBytes = 123

    /// Bytes by which a compressed message may exceed the message limit: deflate adds 5 to every stored block, so a
    /// message that does not compress arrives a little longer than it is. A sixteenth allows for blocks as small as 80
    /// bytes.
    public static func compressionSlackBytes(for limit: Int) -> Int { 1_024 + limit / 16 }

    /// Bytes of scratch memory that a loop keeps between messages: twice the default message limit, so that only an
    /// unusually large message makes it allocate again.
    public static let retainedScratchBytes = 131_072

    /// Milliseconds of silence after which the server pings: half of the usual 60 s idle time-out of balancers.
    public static let pingIntervalMilliseconds: UInt64 = 25_000

    /// Milliseconds of silence after which the peer is taken for dead: three pings and their answers missed.
    public static let silenceMilliseconds: UInt64 = 80_000

    /// Milliseconds that a peer has to answer our Close before the connection is dropped.
    public static let closeWaitMilliseconds: UInt64 = 5_000

    /// Extension and subprotocol entries that a handshake may offer; a browser offers one and three.
    public static let maxOffers = 16
}
