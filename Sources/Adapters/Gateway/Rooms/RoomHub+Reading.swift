import Application
import Domain
import EventLoop
import Telemetry

/// Reading the logs, in order and without a gap.
extension RoomHub {
    /// Reads what is new in each of `rooms` in one round trip.
    func read(_ rooms: [OpenRoom]) {
        guard !rooms.isEmpty else { return }
        for room in rooms {
            room.isRung = false
            room.isReading = true
            room.expected = room.rung
        }
        let asked = Dictionary(rooms.map { ($0.id, $0) }) { first, _ in first }
        log.read(rooms.map(\.id)) { [weak self] id, result in
            // A room that was closed and opened again meanwhile is another one.
            guard let self, let room = asked[id], open[id] === room else { return }
            switch result {
            case .success(let entries): arrived(entries, in: room, expecting: room.expected)
            case .failure(let error): readFailed(error, in: room)
            }
        }
    }

    private func readFailed(_ error: RoomLogError, in room: OpenRoom) {
        switch error {
        case .noGroup, .stale, .outcomeUnknown, .failed:
            // Whatever the group has been told meanwhile, the cursor knows what was handed out.
            metrics.rereads.add()
            reread(room)
        case .cold, .unavailable: retryRead(room)
        }
    }

    /// Reads again from the cursor, whatever the group has read.
    private func reread(_ room: OpenRoom) {
        log.reread(room.id, after: room.cursor) { [weak self] result in
            guard let self, open[room.id] === room else { return }
            switch result {
            case .success(let tail):
                let reachesBackTo = tail.entries.first?.previous ?? tail.last
                if reachesBackTo > room.cursor {
                    fill(room, before: reachesBackTo, then: tail.entries)
                } else {
                    if tail.entries.isEmpty {
                        forgetRing(of: room)
                    }
                    arrived(tail.entries, in: room)
                }
            case .failure(.cold): rewarm(room)
            case .failure(let error):
                logger.warning("room.reread_failed", ["roomId": .string(room.id.hex), "cause": .string("\(error)")])
                retryRead(room)
            }
        }
    }

    /// Puts the room back into Redis: it was taken out while this gateway was away for so long that its groups were taken
    /// away.
    private func rewarm(_ room: OpenRoom) {
        warm(room.id) { [weak self] refusal in
            guard let self, open[room.id] === room else { return }
            if let refusal {
                logger.warning("room.rewarm_failed", ["roomId": .string(room.id.hex), "cause": .string("\(refusal)")])
                retryRead(room)
            } else {
                reread(room)
            }
        }
    }

    /// What was rung for is not in the log.
    private func forgetRing(of room: OpenRoom) {
        if room.rung > room.cursor {
            metrics.logLag.add(Int64(room.cursor.seq) - Int64(room.rung.seq))
            room.rung = room.cursor
        }
    }

    /// The log no longer reaches back to the cursor: what is missing comes out of MongoDB, with who is in the room now,
    /// for somebody may have been put out of it in between.
    private func fill(_ room: OpenRoom, before end: Position, then entries: [LogEntry]) {
        room.isFilling = true
        fill(room, StoreWalk(from: room.cursor, to: end, above: 0), then: entries)
    }

    private func fill(_ room: OpenRoom, _ walk: StoreWalk, then entries: [LogEntry]) {
        metrics.gapsFilled.add()
        let (messages, rooms, loop, id) = (self.messages, self.rooms, self.loop, room.id)
        let bound = LoopBound((hub: self, room: room), on: loop)
        Task {
            var further = walk
            let page = try? await further.next(of: id, in: messages, limit: GatewayLimits.gapPage)
            let state = try? await rooms.warmState(of: id)
            let reached = further
            loop.execute {
                let (hub, room) = bound.value
                guard hub.open[id] === room else { return }
                if let page = page ?? nil, let state = state ?? nil {
                    hub.filled(page, reached, state, in: room, then: entries)
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
        _ page: StoreWalk.Page, _ walk: StoreWalk, _ state: WarmState, in room: OpenRoom, then entries: [LogEntry]
    ) {
        // First of all, who was put out of the room in between gets nothing of what follows, even where they are back. What
        // is stored as a message is stored with all that it follows, and who is in the room was read after it.
        let stayed = Set(state.members.lazy.filter { $0.joinedSeq <= walk.start.seq }.map(\.userID))
        tell([.keep(stayed, code: "KICKED")], in: room)
        let changes = page.changed.map { message in
            RoomEvent.deliverChange(
                EncodedEvent(changed: message, place: walk.start, epoch: room.epoch), of: message.seq)
        }
        tell(changes + page.sent.map { .deliver(EncodedEvent($0, epoch: room.epoch)) }, in: room)
        room.ahead.note(page.ahead(of: walk.end))
        guard walk.isDone else {
            fill(room, walk, then: entries)
            return
        }
        room.isFilling = false
        advance(room, to: walk.end)
        room.membershipVersion = max(room.membershipVersion, state.membershipVersion)
        let members = Set(state.members.map(\.userID))
        room.endBackfills(at: walk.end, code: "KICKED") { !members.contains($0) }
        // Those that were to begin in between may have been put out of the room since they were let in.
        for request in room.takeOvertaken() {
            join(request, room)
        }
        arrived(entries, in: room)
    }

    private func retryRead(_ room: OpenRoom) {
        _ = loop.schedule(afterMilliseconds: GatewayLimits.rereadMilliseconds) { [weak self] in
            guard let self, open[room.id] === room else { return }
            reread(room)
        }
    }

    /// Hands out entries that follow the cursor; on a gap, reads again.
    ///
    /// - Parameter end: how far the log was known to reach when the group was read. Where the group does not bring that, it
    ///   stands further on than the cursor: it was taken away, and made again at the end.
    func arrived(_ entries: [LogEntry], in room: OpenRoom, expecting end: Position = .zero) {
        var events: [RoomEvent] = []
        events.reserveCapacity(entries.count)
        let now = clock().milliseconds
        for entry in entries where entry.position > room.cursor {
            guard entry.previous == room.cursor || entry.isUnreadable else {
                tell(events, in: room)
                metrics.rereads.add()
                reread(room)
                return
            }
            append(entry, in: room, to: &events)
            advance(room, to: entry.position)
            metrics.deliveryLatency.observe(
                microseconds: UInt64(max(now - entry.createdAt.milliseconds, 0)) * 1000)
            begin(in: room, after: &events)
        }
        tell(events, in: room)
        tellSaved(in: room)
        if room.cursor < end, entries.count < GatewayLimits.maxEntriesPerRead {
            metrics.rereads.add()
            reread(room)
            return
        }
        room.isReading = false
        if room.isRung || room.rung > room.cursor || entries.count >= GatewayLimits.maxEntriesPerRead {
            room.isRung = false
            ring(room)
        }
    }

    /// Moves the cursor to what was handed out.
    private func advance(_ room: OpenRoom, to position: Position) {
        guard position > room.cursor else { return }
        let read = min(room.rung.seq, position.seq)
        if read > room.cursor.seq {
            metrics.logLag.add(Int64(room.cursor.seq) - Int64(read))
        }
        room.cursor = position
        room.ahead.forget(upTo: position)
    }

    private func append(_ entry: LogEntry, in room: OpenRoom, to events: inout [RoomEvent]) {
        switch entry.event {
        case .message(let id, let sender, let tempID, _):
            if room.watchers[sender] != nil {
                let updates = room.trail.logged(
                    seq: entry.position.seq, sender: sender, tempID: tempID, id: id, createdAt: entry.createdAt)
                for update in updates {
                    events.append(status(update, of: sender, in: room.id))
                }
            }
        case .membership(_, _, let change, _):
            room.membershipVersion = change.version
        case .changed: break
        case .failed(let id, let sender, let tempID, let code):
            room.trail.failed(id: id)
            let refusal = Refusal(code, "the message could not be stored; send it again as a new one")
            let update = StatusUpdate(tempID: tempID, status: .failed, id: id, refusal: refusal)
            events.append(status(update, of: sender, in: room.id))
        case .unreadable(let cause):
            metrics.unreadableEntries.add()
            logger.error(
                "log.entry_unreadable",
                ["roomId": .string(room.id.hex), "position": .string("\(entry.position)"), "cause": .string(cause)])
        }
        let delivery = entry.trace == nil ? nil : beginDelivery(of: entry, in: room)
        if let encoded = EncodedEvent(entry, room: room.id, epoch: room.epoch), !room.ahead.has(entry) {
            if case .changed(let change) = entry.event {
                events.append(.deliverChange(encoded, of: change.seq))
            } else {
                events.append(.deliver(encoded))
            }
        }
        if let delivery {
            events.append(.traced(delivery))
        }
        if case .membership(_, _, let change, _) = entry.event, change.endsPlaces {
            events.append(.end(change.userIDs, code: change.endCode))
            room.endBackfills(at: entry.position, code: change.endCode) { change.userIDs.contains($0) }
        }
    }
}

extension LogEntry {
    /// Whether it says nothing, not even what it follows.
    fileprivate var isUnreadable: Bool {
        if case .unreadable = event { true } else { false }
    }
}
