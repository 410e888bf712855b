import Application
import Domain
import Support
import Synchronization

/// A tracer that keeps its spans, on a clock that goes on by a microsecond at each look.
final class TracingFixture: Sendable {
    private let recorded = Mutex<[TraceSpan]>([])
    private let ticks = Mutex<UInt64>(1_700_000_000_000_000_000)

    static let process = TraceProcess(kind: .gateway, id: "gateway-1")
    static let room = ObjectID(seconds: 1, process: 2, counter: 3)

    var spans: [TraceSpan] { recorded.withLock { $0 } }

    func tracer(sampleRatio: Double = 0) -> Tracer {
        Tracer(
            process: Self.process, sampleRatio: sampleRatio,
            clock: {
                self.ticks.withLock { ticks in
                    ticks += 1000
                    return WallTime(nanoseconds: ticks)
                }
            }, sink: { span in self.recorded.withLock { $0.append(span) } })
    }

    /// A context out of a seed.
    static func context(_ seed: UInt64, isSampled: Bool = true) -> TraceContext {
        var random = SeededGenerator(seed: seed)
        return TraceContext(
            traceID: TraceID(using: &random), spanID: SpanID(using: &random), isSampled: isSampled)
    }

    /// A span of one microsecond, told apart by its number.
    static func span(_ number: UInt64, trace: UInt64 = 1, fault: String? = nil) -> TraceSpan {
        TraceSpan(
            .publish, context(trace), parent: nil, process: process, from: WallTime(nanoseconds: number * 1000),
            to: WallTime(nanoseconds: number * 1000 + 1000), subject: TraceSubject(roomID: room, seq: number),
            fault: fault)
    }
}
