/// Why a connection has ended.
public enum CloseReason: Sendable {
    /// How a peer was too slow.
    public enum SlowReader: Sendable {
        /// More was waiting than ``OutboundLimits/maxQueuedBytes`` when more was written.
        case tooMuchQueued
        /// The peer took nothing for ``OutboundLimits/stallMilliseconds``.
        case stalled
    }

    /// The peer ended its side.
    case peerClosed
    /// Our side closed it, or its loop was stopped.
    case local
    /// The peer did not read what was sent to it.
    case slowReader(SlowReader)
    /// It broke: a network error, or a breach of TLS.
    case error(EventLoopError)
}
