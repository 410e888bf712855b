import Bytes

/// How far a peer may fall behind before its connection is closed, so that it never delays or crowds out others.
public struct OutboundLimits: Sendable {
    /// Bytes that may be waiting for the socket when more is written. A single write may be longer than that.
    ///
    /// 512 KiB is some 2,000 chat messages: who is that far behind is better served by resuming.
    public var maxQueuedBytes: Int
    /// Milliseconds that something may wait without the peer taking a single byte.
    public var stallMilliseconds: UInt64
    /// What goes behind all that waits when too much does, such as the protocol's own goodbye. A peer that is slow but
    /// reads on then learns why it is cut off; without one it is cut off at once.
    public var farewell: SharedBytes?

    /// The defaults of the product, which the configuration's are.
    public static let defaults = OutboundLimits()

    /// Limits as given, each with its default.
    public init(
        maxQueuedBytes: Int = 512 * 1_024, stallMilliseconds: UInt64 = 20_000, farewell: SharedBytes? = nil
    ) {
        self.farewell = farewell
        self.maxQueuedBytes = maxQueuedBytes
        self.stallMilliseconds = stallMilliseconds
    }
}
