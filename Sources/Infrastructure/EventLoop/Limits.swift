/// The limits of a loop and its sockets, each with its unit and reason.
enum LoopLimits {
    /// Bytes of the buffer for reading, one per loop: what a large receive window can hand over in one call.
    static let readBytes = 65_536

    /// Bytes of the buffer for decrypted data, one per loop: the longest TLS record (RFC 8446 §5.1).
    static let plaintextBytes = 16_384

    /// Buffers gathered into one write call. More would save little; it also bounds what one connection takes of a turn's
    /// cache before the next has its go.
    static let piecesPerWrite = 64

    /// Places that an outbound queue keeps once it is empty: enough for the frames of a usual turn, little enough (128
    /// bytes) to be kept by thousands of idle connections.
    static let keptQueuePlaces = 16

    /// Mailbox places kept between batches; a burst beyond it gives its memory back.
    static let keptMailboxPlaces = 8_192

    /// Connections that wait in the kernel to be accepted: a storm of reconnections after a restart.
    static let acceptBacklog: Int32 = 4_096

    /// Connections accepted per event, so that a storm of them does not starve those that are open.
    static let acceptsPerTurn = 64

    /// Milliseconds that accepting rests when there are no descriptors left.
    static let acceptPauseMilliseconds: UInt64 = 100

    /// Milliseconds between looks at the connections that wait for their peer. Deadlines are met to this precision.
    static let watchMilliseconds: UInt64 = 250

    /// Milliseconds that a graceful close gives the peer to take what is queued and to close its side.
    static let gracefulCloseMilliseconds: UInt64 = 5_000
}

/// The limits of outgoing connections.
public enum ConnectLimits {
    /// Milliseconds to establish a connection, name lookup and TLS handshake included, where the caller says nothing
    /// else: five seconds outlast a lost SYN and its first retransmissions.
    public static let timeoutMilliseconds: UInt64 = 5_000
}
