import Application
import Domain
import EventLoop
import Telemetry

/// Filling gaps out of MongoDB, where the log no longer reaches back to the cursor.
extension RoomHub {
    /// The log no longer reaches back to the cursor: what is missing comes out of MongoDB, with who is in the room now,
    /// for somebody may have been put out of it in between.
    func fill(_ room: OpenRoom, before end: Position, then entries: [LogEntry]) {
        room.isFilling = true
        fill(room, StoreWalk(from: room.cursor, to: end, above: 0), then: entries)
    }

    private func fill(_ room: OpenRoom, _ walk: StoreWalk, then entries: [LogEntry]) {
        metrics.gapsFilled.add()
        let (messages, rooms, loop, id) = (self.messages, self.rooms, self.loop, room.id)
        let bound = LoopBound((hub: self, room: room), on: loop)
        let followed = room.trail.first(upTo: walk.start.seq)
        Task {
            var further = walk
            let page = try? await further.next(of: id, in: messages, limit: GatewayLimits.gapPage)
            let state = try? await rooms.warmState(of: id)
            var known: [Message] = []
            if let followed, further.isDone {
                known = (try? await messages.page(after: followed - 1, of: id, limit: GatewayLimits.gapPage)) ?? []
            }
            let (reached, stored) = (further, known)
            loop.execute {
                let (hub, room) = bound.value
                guard hub.open[id] === room else { return }
                if let page = page ?? nil, let state = state ?? nil {
                    hub.filled(page, reached, state, in: room, knowing: stored, then: entries)
                } else {
                    hub.refill(room, walk, then: entries)
                }
            }
        }
    }

    /// What was trimmed is in MongoDB: it only has to be asked again.
    private func refill(_ room: OpenRoom, _ walk: StoreWalk, then entries: [LogEntry]) {
        _ = loop.schedule(afterMilliseconds: GatewayLimits.rereadMilliseconds) { [weak self] in
            guard let self, open[room.id] === room else { return }
            fill(room, walk, then: entries)
        }
    }

    private func filled(
        _ page: StoreWalk.Page, _ walk: StoreWalk, _ state: WarmState, in room: OpenRoom, knowing stored: [Message],
        then entries: [LogEntry]
    ) {
        // First of all, who was put out of the room in between gets nothing of what follows, even where they are back. What
        // is stored as a message is stored with all that it follows, and who is in the room was read after it.
        let stayed = Set(state.members.lazy.filter { $0.joinedSeq <= walk.start.seq }.map(\.userID))
        tell([.keep(stayed, code: MembershipChange.kickedCode)], in: room)
        let changes = page.changed.map { message in
            RoomEvent.deliverChange(
                EncodedEvent(changed: message, place: walk.start, epoch: room.epoch), of: message.seq)
        }
        tell(changes, in: room)
        for message in page.sent {
            tell(steps(of: message, in: room) + [.deliver(EncodedEvent(message, epoch: room.epoch))], in: room)
        }
        room.ahead.note(page.ahead(of: walk.end))
        guard walk.isDone else {
            fill(room, walk, then: entries)
            return
        }
        // Among what was not read may be that a message failed whose steps were told: it is not to be told of as saved.
        let failures = room.trail.settle(upTo: walk.start.seq, by: stored)
        tell(failures.map { status($0.update, of: $0.sender, in: room.id) }, in: room)
        room.isFilling = false
        advance(room, to: walk.end)
        room.membershipVersion = max(room.membershipVersion, state.membershipVersion)
        let members = Set(state.members.map(\.userID))
        room.endBackfills(at: walk.end, code: MembershipChange.kickedCode) { !members.contains($0) }
        // Those that were to begin in between may have been put out of the room since they were let in.
        for request in room.takeOvertaken() {
            join(request, room)
        }
        arrived(entries, in: room)
    }

    /// What its sender is told of a message that the log no longer has.
    private func steps(of message: Message, in room: OpenRoom) -> [RoomEvent] {
        guard let tempID = message.tempID, room.watchers[message.senderID] != nil else { return [] }
        let updates = room.trail.logged(
            seq: message.seq, sender: message.senderID, tempID: tempID, id: message.id, createdAt: message.createdAt)
        return updates.map { status($0, of: message.senderID, in: room.id) }
    }
}
