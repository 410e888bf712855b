import Bytes
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// Brings the rooms' events to the sockets of one loop. Confined to that loop.
///
/// All that a turn brings for one group of subscribers is encoded into one run of bytes, and each member's outbound
/// queue takes a reference to it: a delivery costs neither a copy nor an allocation.
final class LoopFanout {
    let loop: EventLoop
    let metrics: GatewayMetrics
    let frames: FrameEncoder
    private var rooms: [RoomID: RoomSubscribers] = [:]

    init(loop: EventLoop, metrics: GatewayMetrics, frames: FrameEncoder) {
        self.loop = loop
        self.metrics = metrics
        self.frames = frames
    }

    /// Performs what happened in a room, in order.
    func perform(_ events: [RoomEvent], in room: RoomID) {
        loop.assertCurrent()
        var run: [EncodedEvent] = []
        for event in events {
            if case .deliver(let encoded) = event {
                run.append(encoded)
                continue
            }
            deliver(run, in: room)
            run.removeAll(keepingCapacity: true)
            switch event {
            case .deliver: break
            case .deliverChange(let encoded, let seq): deliver(encoded, ofMessage: seq, in: room)
            case .status(let user, let step, let encoded): tell(step, encoded, to: user, in: room)
            case .typing(let user, let encoded):
                if let typing = rooms[room]?.typing {
                    tellTyping(encoded, of: user, to: typing)
                }
            case .traced(let delivery): delivery.reached(rooms[room]?.count ?? 0)
            case .activate(let subscription, let joinedSeq): activate(subscription.value, joinedSeq: joinedSeq)
            case .replay(let replay): self.replay(replay)
            case .expel(let subscription, let code): expel(subscription.value, code: code)
            case .end(let users, let code): end(in: room, code: code) { users.contains($0) }
            case .keep(let users, let code): end(in: room, code: code) { !users.contains($0) }
            }
        }
        deliver(run, in: room)
    }

    /// Takes a subscription out that its client ended.
    func remove(_ subscription: Subscription) {
        loop.assertCurrent()
        guard let subscribers = rooms[subscription.room] else { return }
        subscribers.remove(subscription)
        if subscribers.isEmpty {
            rooms[subscription.room] = nil
        }
    }

    /// What makes replayed bytes the same for two subscriptions.
    private struct ReplayKey: Hashable {
        let events: [Range<Int>]
        let subscriptionID: [UInt8]
        let isCompressed: Bool
    }

    private func deliver(_ run: [EncodedEvent], in room: RoomID) {
        guard !run.isEmpty, let subscribers = rooms[room] else { return }
        for group in subscribers.messages.groups {
            let bytes = frames.encode(
                run[...], subscriptionID: group.subscriptionID, isCompressed: group.isCompressed)
            for member in group.members {
                member.session.deliver(bytes)
            }
        }
        for subscription in subscribers.messages.acknowledging {
            for event in run {
                subscription.session.deliver(event, to: subscription)
            }
        }
        metrics.deliveries.add(UInt64(subscribers.count * run.count))
    }

    /// Changes are few beside messages: each is encoded by itself.
    private func deliver(_ change: EncodedEvent, ofMessage seq: UInt64, in room: RoomID) {
        guard let subscribers = rooms[room]?.messages else { return }
        var count = 0
        for group in subscribers.groups {
            let bytes = frames.encode(
                [change], subscriptionID: group.subscriptionID, isCompressed: group.isCompressed)
            for member in group.members where member.joinedSeq < seq {
                member.session.deliver(bytes)
                count += 1
            }
        }
        for subscription in subscribers.acknowledging where subscription.joinedSeq < seq {
            subscription.session.deliver(change, to: subscription)
            count += 1
        }
        metrics.deliveries.add(UInt64(count))
    }

    private func tell(_ step: StatusStep, _ event: EncodedEvent, to user: UserID, in room: RoomID) {
        for subscription in rooms[room]?.statusOf[user] ?? [] {
            subscription.session.inFlightSends.told(step)
            subscription.session.deliver(event, to: subscription)
        }
    }

    /// Hands out what was missed, to each session when it has room for it.
    private func replay(_ replay: Replay) {
        var ready: [Replay.Target] = []
        for target in replay.targets where target.subscription.value.phase == .opening {
            let session = target.subscription.value.session
            if target.isLast || session.hasRoomForReplay {
                ready.append(target)
            } else {
                session.park(replay.part(of: target))
            }
        }
        hand(ready, of: replay)
    }

    /// Hands out what was missed: encoded once for all that lack the same and share a subscription id.
    func hand(_ targets: [Replay.Target], of replay: Replay) {
        var encoded: [ReplayKey: SharedBytes] = [:]
        for target in targets {
            let subscription = target.subscription.value
            guard subscription.phase == .opening else { continue }
            let session = subscription.session
            if let announcement = target.announcement {
                session.deliver(announcement, to: subscription)
            }
            let count = target.events.reduce(0) { $0 + $1.count }
            if subscription.acknowledges {
                for event in target.events.lazy.flatMap({ replay.events[$0] }) {
                    session.deliver(event, to: subscription)
                }
            } else if count > 0 {
                let key = ReplayKey(
                    events: target.events, subscriptionID: subscription.id, isCompressed: session.compressesMessages)
                let bytes =
                    encoded[key]
                    ?? frames.encode(
                        replay.events(of: target), subscriptionID: key.subscriptionID,
                        isCompressed: key.isCompressed)
                encoded[key] = bytes
                session.deliver(bytes)
            }
            metrics.deliveries.add(UInt64(count))
            session.whenTaken(by: subscription, target.taken)
        }
    }

    private func activate(_ subscription: Subscription, joinedSeq: UInt64) {
        guard subscription.phase == .opening else { return }
        subscription.phase = .active
        subscription.joinedSeq = joinedSeq
        let subscribers = rooms[subscription.room] ?? RoomSubscribers()
        rooms[subscription.room] = subscribers
        subscribers.add(subscription)
        subscription.session.subscribed(subscription)
    }

    /// A session that is gone has ended its subscriptions: of one that has ended nothing else may be touched.
    private func expel(_ subscription: Subscription, code: String) {
        guard subscription.phase == .opening else { return }
        subscription.session.end(subscription, with: .subscriptionEnded(room: subscription.room, code: code))
    }

    private func end(in room: RoomID, code: String, where isEnded: (UserID) -> Bool) {
        guard let subscribers = rooms[room] else { return }
        let farewell = EncodedEvent.subscriptionEnded(room: room, code: code)
        for subscription in subscribers.subscriptions(where: isEnded) {
            subscription.session.end(subscription, with: farewell)
        }
    }
}
