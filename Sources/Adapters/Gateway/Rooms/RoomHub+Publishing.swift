import Application
import Domain
import EventLoop
import Telemetry

/// Writing to the logs: one call in flight per room, carrying what was queued meanwhile.
extension RoomHub {
    /// Queues a unit of messages for the room's log. Its completion comes on this loop.
    func publish(_ unit: PublishUnit, to room: RoomID) {
        loop.assertCurrent()
        guard queues[room, default: PublishQueue()].add(unit) else {
            let refusal = Refusal(
                .busy, "too many messages wait to be sent in this room; try again",
                retryAfterMilliseconds: RoomRules.busyRetryMilliseconds)
            unit.completion(unit.messages.map { _ in .refused(refusal) })
            return
        }
        publishAtTurnEnd(room)
    }

    /// Sends the next call of a room, if none is under way.
    func publishNext(in room: RoomID) {
        guard queues[room]?.isReady == true, let units = queues[room]?.beginCall() else { return }
        log.publish(units.map(\.messages), to: room) { [weak self] result in
            self?.answered(result, in: room)
        }
        // What it appends is read behind it in the same round trip, without waiting for its ring.
        if log.readsFollowPublishes, let room = open[room], room.phase == .live, !room.isReading {
            ring(room)
        }
    }

    private func answered(_ result: Result<[PublishOutcome], RoomLogError>, in room: RoomID) {
        switch result {
        case .success(let outcomes): complete(outcomes, in: room)
        case .failure(.cold):
            warm(room) { [weak self] refusal in
                guard let self else { return }
                guard let refusal, refusal.code != .storeUnavailable else {
                    retry(in: room, mayBeInLog: false, after: refusal == nil ? 0 : pause)
                    return
                }
                fail(queues[room]?.endCall() ?? [], with: refusal)
                goOn(in: room)
            }
        case .failure(.unavailable): retry(in: room, mayBeInLog: false, after: pause)
        case .failure(.outcomeUnknown): retry(in: room, mayBeInLog: true, after: pause)
        case .failure(let error):
            logger.error("room.publish_failed", ["roomId": .string(room.hex), "cause": .string("\(error)")])
            fail(queues[room]?.endCall() ?? [], with: RoomHub.refusal(error))
            goOn(in: room)
        }
    }

    private var pause: UInt64 { GatewayLimits.publishRetryMilliseconds }

    private func complete(_ outcomes: [PublishOutcome], in room: RoomID) {
        var next = outcomes.startIndex
        for unit in queues[room]?.endCall() ?? [] {
            let end = min(next + unit.messages.count, outcomes.endIndex)
            unit.completion(
                zip(unit.messages, outcomes[next..<end]).map { message, outcome in
                    SendOutcome(outcome, told: stepsOfRepeat(message, outcome, in: room))
                })
            next = end
        }
        goOn(in: room)
    }

    private func retry(in room: RoomID, mayBeInLog: Bool, after milliseconds: UInt64) {
        let late = queues[room]?.returnCall(now: loop.now, mayBeInLog: mayBeInLog) ?? []
        fail(late, with: Refusal(.storeUnavailable, "the room log is out of reach; send it again"))
        guard milliseconds > 0 else {
            goOn(in: room)
            return
        }
        _ = loop.schedule(afterMilliseconds: milliseconds) { [weak self] in self?.goOn(in: room) }
    }

    private func fail(_ units: [PublishUnit], with refusal: Refusal) {
        for unit in units {
            // What was cut off before may be in the log all the same.
            unit.completion(unit.messages.map { _ in unit.mayBeInLog ? .unknown : .refused(refusal) })
        }
    }

    private func goOn(in room: RoomID) {
        guard let queue = queues[room] else { return }
        if queue.isIdle {
            queues[room] = nil
        } else {
            publishNext(in: room)
        }
    }

    /// A repeat has no entry of its own that would tell: what its first has come to, where that is told already. What
    /// follows is told by the room.
    private func stepsOfRepeat(
        _ message: OutgoingMessage, _ outcome: PublishOutcome, in id: RoomID
    ) -> [StatusUpdate] {
        guard let room = open[id], room.watchers[message.senderID] != nil,
            case .inLog(let first, let seq, let createdAt) = outcome, first != message.id, seq <= room.cursor.seq
        else { return [] }
        return room.trail.logged(
            seq: seq, sender: message.senderID, tempID: message.tempID, id: first, createdAt: createdAt)
    }
}

extension SendOutcome {
    init(_ outcome: PublishOutcome, told steps: [StatusUpdate]) {
        switch outcome {
        case .inLog(let id, let seq, let createdAt):
            self = .inLog(id: id, seq: seq, createdAt: createdAt, told: steps)
        case .unconfirmed: self = .unconfirmed
        case .refused(let reason): self = .refused(Refusal(reason))
        case .overRate(let milliseconds):
            self = .refused(
                Refusal(
                    .rateLimited, "the room has had as many messages in this minute as it may; try again later",
                    retryAfterMilliseconds: milliseconds))
        }
    }
}

extension Refusal {
    /// What a sender is told whose message a room's log does not take.
    init(_ reason: PublishRefusal) {
        switch reason {
        case .notParticipant: self.init(.notParticipant, "you are not a participant of this room")
        case .backlog:
            self.init(
                .busy, "the room has too many messages that are not stored yet; try again",
                retryAfterMilliseconds: RoomRules.busyRetryMilliseconds)
        case .memory:
            self.init(
                .busy, "memory is short: new messages are not taken until there is room again",
                retryAfterMilliseconds: GatewayLimits.memoryRetryMilliseconds)
        case .userRate:
            self.init(.rateLimited, "you have sent as many messages in this minute as you may; try again later")
        }
    }
}
