import Domain
import Synchronization

/// The spans that a process finished last, for operators who follow one message. A ring: the newest takes the place of
/// the oldest.
public final class RecentSpans: Sendable {
    private struct Ring {
        var spans: [TraceSpan] = []
        var oldest = 0
    }

    private let ring = Mutex(Ring())
    private let capacity: Int

    /// Keeps the last `capacity` spans, at least one.
    public init(capacity: Int) {
        precondition(capacity > 0, "cannot keep spans in a ring without room")
        self.capacity = capacity
    }

    /// Keeps one more.
    public func add(_ span: TraceSpan) {
        ring.withLock { ring in
            if ring.spans.count < capacity {
                ring.spans.append(span)
            } else {
                ring.spans[ring.oldest] = span
                ring.oldest = (ring.oldest + 1) % capacity
            }
        }
    }

    /// Those of one trace that are still there, in order of their beginning.
    public func spans(of trace: TraceID) -> [TraceSpan] {
        ring.withLock { $0.spans.filter { $0.context.traceID == trace } }.sorted { $0.start < $1.start }
    }
}
