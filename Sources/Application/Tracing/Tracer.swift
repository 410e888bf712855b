import Domain

/// Records the stages of traced messages in one process. A process that records nothing has none.
///
/// A class, so that whoever holds it optionally pays one word and one comparison for a message that is not traced.
public final class Tracer: Sendable {
    public let process: TraceProcess
    private let sampleRatio: Double
    private let clock: @Sendable () -> WallTime
    private let random: RandomBits
    private let sink: @Sendable (TraceSpan) -> Void

    /// - Parameters:
    ///   - sampleRatio: 0 to 1: of messages that come without a trace, the share that one is begun for.
    ///   - clock: the wall clock.
    ///   - random: what ids and draws are made of.
    ///   - sink: takes finished spans, from any thread; it must not block.
    public init(
        process: TraceProcess, sampleRatio: Double, clock: @escaping @Sendable () -> WallTime,
        random: RandomBits = .ofTheSystem, sink: @escaping @Sendable (TraceSpan) -> Void
    ) {
        self.process = process
        self.sampleRatio = sampleRatio
        self.clock = clock
        self.random = random
        self.sink = sink
    }

    /// The moment now, as spans give it.
    public var now: WallTime { clock() }

    /// The context in which a message is to be recorded: a new span below `received`, or in a new trace. Nil where it
    /// is not: its sender's trace is not recorded, or it came without one and the draw fell otherwise.
    public func begin(_ received: TraceContext?) -> TraceContext? {
        var random = random
        if let received {
            return received.isSampled ? below(received) : nil
        }
        guard sampleRatio > 0, Double.random(in: 0..<1, using: &random) < sampleRatio else { return nil }
        return TraceContext(traceID: TraceID(using: &random), spanID: SpanID(using: &random), isSampled: true)
    }

    /// A new span in the trace of `parent`.
    public func below(_ parent: TraceContext) -> TraceContext {
        var random = random
        return TraceContext(traceID: parent.traceID, spanID: SpanID(using: &random), isSampled: parent.isSampled)
    }

    /// Whether messages without a trace of their own may get one.
    public var beginsTraces: Bool { sampleRatio > 0 }

    /// Records a stage that is over.
    /// - Parameter end: now, unless it was over before.
    public func record(
        _ stage: TraceSpan.Stage, _ context: TraceContext, parent: SpanID?, from start: WallTime,
        to end: WallTime? = nil, _ subject: TraceSubject, fault: String? = nil
    ) {
        sink(
            TraceSpan(
                stage, context, parent: parent, process: process, from: start, to: end ?? now, subject: subject,
                fault: fault))
    }
}

/// A source of random bits that is a value of some size: thread sanitizer looks at the address that a generator is lent
/// by, and `SystemRandomNumberGenerator`, which has no size, has none.
public struct RandomBits: RandomNumberGenerator, Sendable {
    private let draw: @Sendable () -> UInt64

    public init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }

    /// The system's own.
    public static let ofTheSystem = RandomBits { UInt64.random(in: .min ... .max) }

    public mutating func next() -> UInt64 { draw() }
}
