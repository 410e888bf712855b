import Bytes

/// Memory that all connections of a loop decode into, one message at a time: an idle connection then needs none.
///
/// Confined to one loop: a payload is valid until the next frame is decoded with the same scratch.
public final class WebSocketScratch {
    private var payload: [UInt8] = []
    private var inflater: Inflater?

    /// An empty scratch; the inflater is made when the first compressed message comes.
    public init() {}

    /// Lends the payload of the last event. It stays as it is while `body` runs, even where `body` decodes again.
    public func withPayload<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let current = payload
        return try body(current.span)
    }

    /// The number of bytes that are kept between messages.
    var retainedBytes: Int { payload.capacity }

    /// Makes the payload of one frame, its mask taken off, the current one.
    func load(_ masked: Span<UInt8>, mask: WebSocketMask) {
        var mask = mask
        clear()
        payload.append(masked, unmasking: &mask)
    }

    /// Makes `bytes` the current payload without copying them.
    func adopt(_ bytes: [UInt8]) { payload = bytes }

    /// Drops the first `count` bytes of the payload.
    func dropFirst(_ count: Int) { payload.removeFirst(count) }

    /// Replaces the payload, which is a compressed message, by what it inflates to.
    func inflate(limit: Int) throws(WebSocketFault) {
        let inflater = self.inflater ?? Inflater()
        self.inflater = inflater
        let compressed = payload
        var inflated: [UInt8] = []
        do throws(Inflater.Failure) {
            try inflater.inflate(compressed.span, limit: limit, into: &inflated)
        } catch {
            switch error {
            case .tooBig: throw .messageTooBig(limit: limit)
            case .damaged: throw .damagedCompression
            }
        }
        payload = inflated
    }

    private func clear() {
        if payload.capacity > WebSocketLimits.retainedScratchBytes {
            payload = []
        } else {
            payload.removeAll(keepingCapacity: true)
        }
    }
}
