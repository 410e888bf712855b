/// Where a connection stands with what it sends.
struct OutboundState {
    /// Bytes for the socket: those written, or for TLS the records made of them.
    var queue = OutboundQueue()
    var limits = OutboundLimits()
    /// How many of the queue's first bytes libuv is sending; they stay in the queue until it has.
    var inFlight = 0
    /// Whether the connection is on its loop's flush list.
    var isScheduled = false
    /// Whether something was written since the queue was last seen empty.
    var isUndrained = false
    /// Whether the loop's watch looks at the connection.
    var isWatched = false
    /// Bytes sent since the connection began, when the watch last saw it make progress.
    var progress: UInt64 = 0
    /// When that was, or when the graceful close began. In the loop's time.
    var since: UInt64 = 0
    /// Bytes consumed off the queue since the connection began.
    private(set) var sent: UInt64 = 0

    mutating func consume(_ count: Int) {
        queue.consume(count)
        sent += UInt64(count)
    }
}
