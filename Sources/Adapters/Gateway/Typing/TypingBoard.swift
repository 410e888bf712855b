import Application
import Domain
import EventLoop
import Telemetry

/// Who types where, of the sessions of one loop, on its way to the rooms. Confined to that loop.
final class TypingBoard {
    private struct Key: Hashable {
        let user: UserID
        let room: RoomID
    }

    private struct Entry {
        var throttle = TypingThrottle(pauseMilliseconds: TypingLimits.pauseMilliseconds)
        /// Whom to tell that the room does not take it.
        var refused: (Refusal) -> Void
        var isWaiting = false
    }

    private let loop: EventLoop
    private let hubs: RoomHubs
    private let metrics: GatewayMetrics
    private var entries: [Key: Entry] = [:]

    init(loop: EventLoop, hubs: RoomHubs, metrics: GatewayMetrics) {
        self.loop = loop
        self.hubs = hubs
        self.metrics = metrics
        loop.schedule(
            afterMilliseconds: GatewayLimits.typingSweepMilliseconds,
            repeatMilliseconds: GatewayLimits.typingSweepMilliseconds
        ) { [weak self] in self?.sweep() }
    }

    /// A user types in a room, or has stopped. `refused` is called where they are not in it.
    func say(_ isTyping: Bool, of user: UserID, in room: RoomID, refused: @escaping (Refusal) -> Void) {
        let key = Key(user: user, room: room)
        guard entries[key] != nil || entries.count < GatewayLimits.maxTypists else {
            metrics.ephemeralDropped.add()
            return
        }
        let now = loop.now
        perform(entries[key, default: Entry(refused: refused)].throttle.say(isTyping, now: now), key)
        entries[key]?.refused = refused
    }

    private func perform(_ action: TypingThrottle.Action?, _ key: Key) {
        switch action {
        case nil, .nothing: break
        case .wait(let time): wait(until: time, key)
        case .tell(let isTyping):
            let board = LoopBound(self, on: loop)
            hubs.with(key.room) { hub in
                hub.tellTyping(isTyping, of: key.user, in: key.room) { outcome in
                    board.loop.execute { board.value.answered(outcome, key) }
                }
            }
        }
    }

    private func answered(_ outcome: TypingOutcome?, _ key: Key) {
        if outcome == .notParticipant {
            entries[key]?.refused(Refusal(PublishRefusal.notParticipant))
        }
        perform(entries[key]?.throttle.answered(outcome, now: loop.now), key)
    }

    private func wait(until time: UInt64, _ key: Key) {
        guard entries[key]?.isWaiting == false else { return }
        entries[key]?.isWaiting = true
        loop.schedule(afterMilliseconds: time - min(loop.now, time)) { [weak self] in
            guard let self else { return }
            entries[key]?.isWaiting = false
            perform(entries[key]?.throttle.due(now: loop.now), key)
        }
    }

    private func sweep() {
        let now = loop.now
        entries = entries.filter { !$0.value.throttle.isOver(now: now) }
    }
}
