import Bytes
import CUV

/// A TCP connection, in the clear or in TLS. It belongs to one loop and is only touched there.
///
/// What is written is queued and flushed once at the end of the turn: all frames for a socket go in one system call. What
/// the socket does not take waits, within ``OutboundLimits``; a peer that exceeds them is cut off and told why through
/// ``CloseReason/slowReader(_:)``. A connection stays alive until it is closed, whoever else holds it.
public final class TCPConnection: UVHandleOwner {
    enum Phase {
        case connecting
        case open
        /// A graceful close has begun: nothing more is accepted, what is queued is sent.
        case flushing
        /// All is sent and our side is ended; the peer has yet to end its own.
        case lingering
        case closed
    }

    /// The loop that the connection belongs to.
    public let loop: EventLoop
    /// The peer's address.
    public let remoteAddress: SocketAddress
    /// Who is told what happens. Held until the connection has closed.
    public var delegate: (any TCPConnectionDelegate)?

    let handle: UVHandle<uv_tcp_t>
    var phase: Phase
    var outbound = OutboundState()
    var tls: TLSSession?
    /// Who waits for an outgoing connection to be established.
    var attempt: ConnectAttempt?
    var peerHasEnded = false
    private(set) var isReadingPaused = false
    private var isReading = false
    private var reason = CloseReason.local

    init(
        loop: EventLoop, handle: UVHandle<uv_tcp_t>, remoteAddress: SocketAddress, tls: TLSSession?, phase: Phase
    ) {
        self.loop = loop
        self.handle = handle
        self.remoteAddress = remoteAddress
        self.tls = tls
        self.phase = phase
        handle.attach(self)
        loop.counters.connections += 1
    }

    /// Whether the connection takes what is written to it: it is established and no close has begun.
    public var isOpen: Bool { phase == .open }

    /// How far the peer may fall behind.
    public var outboundLimits: OutboundLimits {
        get { outbound.limits }
        set { outbound.limits = newValue }
    }

    /// Whether it is flushed before the others: a server that this process waits for works while the many are written to.
    public var isFlushedFirst = false

    /// Bytes written that the kernel has not taken yet.
    public var queuedBytes: Int {
        var count = outbound.queue.byteCount
        if outbound.inFlight > 0 {
            count += handle.withStream { uv_stream_get_write_queue_size($0) } - outbound.inFlight
        }
        if let tls {
            count += tls.plaintext.byteCount
        }
        return count
    }

    /// Queues bytes for the flush at the end of the turn. Nothing happens once a close has begun.
    public func write(_ bytes: SharedBytes) {
        loop.assertCurrent()
        guard phase == .open, bytes.count > 0, makeRoom() else { return }
        outbound.isUndrained = true
        if let tls {
            tls.plaintext.append(bytes)
        } else {
            outbound.queue.append(bytes)
        }
        scheduleFlush()
    }

    /// Queues bytes for the flush at the end of the turn. Nothing happens once a close has begun.
    public func write(_ bytes: [UInt8]) { write(SharedBytes(bytes)) }

    /// Sends what is queued, ends our side, and closes when the peer has ended its own or after 5 seconds.
    ///
    /// Waiting for the peer is what lets it read the last of what was sent: closing with unread input makes the kernel
    /// throw that away. What comes in meanwhile is dropped.
    public func closeAfterFlush() {
        loop.assertCurrent()
        beginGracefulClose(.local)
    }

    /// Closes at once; what is queued is lost.
    public func close() {
        loop.assertCurrent()
        close(.local)
    }

    /// Stops the flow of bytes to the delegate, and by that in time the peer's sending.
    public func pauseReading() {
        loop.assertCurrent()
        guard phase == .open, !isReadingPaused else { return }
        isReadingPaused = true
        stopReading()
    }

    /// Lets bytes flow to the delegate again.
    public func resumeReading() {
        loop.assertCurrent()
        guard phase == .open, isReadingPaused else { return }
        isReadingPaused = false
        startReading()
        if let tls {
            tls.mayHoldInput = true
            scheduleFlush()
        }
    }

    func startReading() {
        guard !isReading, !peerHasEnded else { return }
        isReading = true
        handle.withStream { stream in
            _ = uv_read_start(
                stream,
                { handle, _, buffer in
                    guard let memory = EventLoop.owning(handle?.pointee.loop)?.buffers.read else { return }
                    buffer?.pointee.base = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
                    buffer?.pointee.len = memory.count
                },
                { stream, count, _ in handleOwner(stream?.pointee.data, as: TCPConnection.self)?.readEvent(count) })
        }
    }

    func stopReading() {
        guard isReading else { return }
        isReading = false
        handle.withStream { _ = uv_read_stop($0) }
    }

    func scheduleFlush() {
        guard !outbound.isScheduled, phase != .closed else { return }
        outbound.isScheduled = true
        loop.flushes.append(self)
    }

    func beginGracefulClose(_ reason: CloseReason) {
        guard phase == .open else { return }
        self.reason = reason
        phase = .flushing
        outbound.since = loop.now
        scheduleFlush()
    }

    /// Closes at once. The reason of a graceful close that has begun stays the reason.
    func close(_ reason: CloseReason) {
        guard phase != .closed else { return }
        if phase == .open || phase == .connecting {
            self.reason = reason
        }
        phase = .closed
        handle.close()
    }

    func closeForStop() { close(.local) }

    func handleClosed() {
        loop.counters.connections -= 1
        outbound.queue = OutboundQueue()
        tls = nil
        if let attempt {
            self.attempt = nil
            attempt.connectionFailed(reason)
        }
        let delegate = delegate
        self.delegate = nil
        delegate?.connectionClosed(self, reason: reason)
    }
}
