/// What a client may ask of us, and how long it may take. One object, shared by all sessions of a gateway.
///
/// A class and not a value: thousands of idle sessions hold a reference each instead of a copy.
public final class STOMPLimits: Sendable {
    /// Bytes of one frame, command to NUL: the same as of one WebSocket message.
    public let maxFrameBytes: Int
    /// Headers of one frame: several times what any client library sends.
    public let maxHeaders: Int
    /// Bytes of one header line: room for a large token, little else is long.
    public let maxHeaderLineBytes: Int
    /// Bytes of a command line: the longest command has 11.
    public let maxCommandBytes: Int
    /// Bytes of the ids that a client chooses for subscriptions and transactions, since the session remembers them.
    public let maxIDBytes: Int
    /// Live subscriptions of one session.
    public let maxSubscriptions: Int
    /// Unacknowledged messages of one subscription, then delivery waits (prefetch).
    public let maxUnacknowledged: Int
    /// Open transactions of one session.
    public let maxTransactions: Int
    /// Frames kept for one transaction.
    public let maxTransactionFrames: Int
    /// Bytes of frames kept for all transactions of one session.
    public let maxTransactionBytes: Int
    /// Frames that may arrive between CONNECT and CONNECTED; they wait until the client is known.
    public let maxHeldFrames: Int
    /// Milliseconds from opening to CONNECT, from CONNECT to the answer, and from DISCONNECT to its receipt.
    public let stepMilliseconds: UInt64
    /// What we offer to send and ask to get.
    public let heartBeat: STOMPHeartBeat

    /// The defaults of the product, which the configuration's are.
    public static let defaults = STOMPLimits()

    /// Limits with the defaults of the product; name those that differ.
    public init(
        maxFrameBytes: Int = WebSocketLimits.maxMessageBytes, maxHeaders: Int = 64, maxHeaderLineBytes: Int = 8_192,
        maxCommandBytes: Int = 32, maxIDBytes: Int = 256, maxSubscriptions: Int = 500, maxUnacknowledged: Int = 256,
        maxTransactions: Int = 16, maxTransactionFrames: Int = 100, maxTransactionBytes: Int = 262_144,
        maxHeldFrames: Int = 64, stepMilliseconds: UInt64 = 10_000,
        heartBeat: STOMPHeartBeat = STOMPHeartBeat(sendMilliseconds: 10_000, receiveMilliseconds: 10_000)
    ) {
        self.maxFrameBytes = maxFrameBytes
        self.maxHeaders = maxHeaders
        self.maxHeaderLineBytes = maxHeaderLineBytes
        self.maxCommandBytes = maxCommandBytes
        self.maxIDBytes = maxIDBytes
        self.maxSubscriptions = maxSubscriptions
        self.maxUnacknowledged = maxUnacknowledged
        self.maxTransactions = maxTransactions
        self.maxTransactionFrames = maxTransactionFrames
        self.maxTransactionBytes = maxTransactionBytes
        self.maxHeldFrames = maxHeldFrames
        self.stepMilliseconds = stepMilliseconds
        self.heartBeat = heartBeat
    }
}
