import Application
import Domain
import Synchronization

/// A traced message between the room's log and the sockets of this gateway. Each loop with subscriptions in the room
/// tells it when it has served them; the last one records the stage.
final class DeliveryTrace: Sendable {
    private struct State {
        var loopsLeft: Int
        var subscribers = 0
    }

    private let tracer: Tracer
    private let parent: TraceContext
    private let begun: WallTime
    private let subject: TraceSubject
    private let state: Mutex<State>

    /// Begins now.
    init(tracer: Tracer, parent: TraceContext, loops: Int, subject: TraceSubject) {
        self.tracer = tracer
        self.parent = parent
        self.subject = subject
        begun = tracer.now
        state = Mutex(State(loopsLeft: loops))
    }

    /// The message is in the queues of `subscribers` subscriptions of one loop. From any loop.
    func reached(_ subscribers: Int) {
        let total: Int? = state.withLock { state in
            state.subscribers += subscribers
            state.loopsLeft -= 1
            return state.loopsLeft == 0 ? state.subscribers : nil
        }
        guard let total else { return }
        var subject = subject
        subject.subscribers = total
        tracer.record(.deliver, tracer.below(parent), parent: parent.spanID, from: begun, subject)
    }
}

extension RoomHub {
    /// Begins to record the delivery of a traced message; nil where this process records nothing, or nobody is there to
    /// deliver it to.
    func beginDelivery(of entry: LogEntry, in room: OpenRoom) -> DeliveryTrace? {
        guard let tracer, let parent = entry.trace, parent.isSampled, case .message(let id, _, _, _) = entry.event
        else { return nil }
        let loops = room.loops.count
        guard loops > 0 else { return nil }
        return DeliveryTrace(
            tracer: tracer, parent: parent, loops: loops,
            subject: TraceSubject(roomID: room.id, messageID: id, seq: entry.position.seq))
    }
}
