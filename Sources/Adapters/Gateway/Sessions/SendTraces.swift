import Application
import Domain
import WireProtocols

/// The traced messages among those of one unit, on their way into the log. A unit without any has no such value.
struct SendTraces: Sendable {
    private struct Send: Sendable {
        /// Its place in the unit.
        let index: Int
        let receive: TraceContext
        /// The client's span; nil where the trace begins here.
        let parent: SpanID?
        let publish: TraceContext
    }

    private let tracer: Tracer
    private let sends: [Send]
    /// When the stage that is under way began.
    private var begun: WallTime

    init?(_ frames: [STOMPFrame], tracer: Tracer, mayTrace: () -> Bool) {
        var sends: [Send] = []
        for (index, frame) in frames.enumerated() {
            let received = frame.range(of: "traceparent").flatMap {
                TraceContext(traceparent: frame.bytes.span.extracting($0))
            }
            guard received != nil || tracer.beginsTraces, let receive = tracer.begin(received), mayTrace() else {
                continue
            }
            sends.append(
                Send(index: index, receive: receive, parent: received?.spanID, publish: tracer.below(receive)))
        }
        guard !sends.isEmpty else { return nil }
        self.tracer = tracer
        self.sends = sends
        begun = tracer.now
    }

    /// The context that the unit's message at `index` takes into the log; nil where it is not traced.
    func publishing(_ index: Int) -> TraceContext? { sends.first { $0.index == index }?.publish }

    /// The unit was refused before it was given to its room.
    func refused(_ refusal: Refusal, room: RoomID?) {
        for send in sends {
            tracer.record(
                .receive, send.receive, parent: send.parent, from: begun, TraceSubject(roomID: room),
                fault: refusal.code.rawValue)
        }
    }

    /// The unit's messages are ready for their room: what follows is publishing them.
    func accepted(_ messages: [OutgoingMessage], in room: RoomID) -> SendTraces {
        var underWay = self
        underWay.begun = tracer.now
        for send in sends {
            tracer.record(
                .receive, send.receive, parent: send.parent, from: begun, to: underWay.begun,
                TraceSubject(roomID: room, messageID: messages[send.index].id))
        }
        return underWay
    }

    /// The log has answered, or it is too late for that.
    func answered(_ outcomes: [SendOutcome], _ messages: [OutgoingMessage], in room: RoomID) {
        for send in sends where outcomes.indices.contains(send.index) {
            var subject = TraceSubject(roomID: room, messageID: messages[send.index].id)
            var fault: String?
            switch outcomes[send.index] {
            case .inLog(let id, let seq, _, _):
                subject.messageID = id
                subject.seq = seq
            case .refused(let refusal): fault = refusal.code.rawValue
            case .unconfirmed: fault = ErrorCode.notReplicated.rawValue
            case .unknown: fault = ErrorCode.outcomeUnknown.rawValue
            }
            tracer.record(
                .publish, send.publish, parent: send.receive.spanID, from: begun, subject, fault: fault)
        }
    }
}

extension GatewayLoop {
    /// Begins to record those of the frames that are to be traced; nil where none is, which costs nothing more than the
    /// look for their header.
    func beginTraces(of frames: [STOMPFrame]) -> SendTraces? {
        guard let tracer else { return nil }
        return SendTraces(frames, tracer: tracer) { mayTrace() }
    }
}
