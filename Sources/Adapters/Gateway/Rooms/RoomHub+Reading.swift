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
                    arrived(tail.entries, in: room, isFromCursor: true)
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

    /// Redis no longer has what this gateway read out of it: reading again does not bring it back.
    func foundLoss(of what: String, in room: OpenRoom) {
        metrics.losses.add()
        logger.error(
            "log.loss_found",
            ["roomId": .string(room.id.hex), "lost": .string(what), "position": .string("\(room.cursor)")])
    }

    /// What was rung for is not in the log.
    func forgetRing(of room: OpenRoom) {
        if room.rung > room.cursor {
            metrics.logLag.add(Int64(room.cursor.seq) - Int64(room.rung.seq))
            room.rung = room.cursor
        }
    }

    private func retryRead(_ room: OpenRoom) {
        _ = loop.schedule(afterMilliseconds: GatewayLimits.rereadMilliseconds) { [weak self] in
            guard let self, open[room.id] === room else { return }
            reread(room)
        }
    }

    /// Hands out entries that follow the cursor; on a gap, reads again.
    ///
    /// - Parameters:
    ///   - end: how far the log was known to reach when the group was read. Where the group does not bring that, it stands
    ///     further on than the cursor: it was taken away, and made again at the end.
    ///   - isFromCursor: they are all that the log has behind the cursor.
    func arrived(
        _ entries: [LogEntry], in room: OpenRoom, expecting end: Position = .zero, isFromCursor: Bool = false
    ) {
        var events: [RoomEvent] = []
        events.reserveCapacity(entries.count)
        let now = clock().milliseconds
        for entry in entries where entry.position > room.cursor {
            if entry.previous != room.cursor, !entry.isUnreadable {
                guard isFromCursor, entry.previous < room.cursor else {
                    tell(events, in: room)
                    metrics.rereads.add()
                    reread(room)
                    return
                }
                foundLoss(of: "entries", in: room)
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
    func advance(_ room: OpenRoom, to position: Position) {
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
            let update = StatusUpdate(tempID: tempID, status: .failed, id: id, refusal: .notStored(code))
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
            // Who waits to begin further on is not among those that have ended: whether they are back is asked again.
            for request in room.takeWaiting(before: entry.position, where: change.userIDs.contains) {
                join(request, room)
            }
        }
    }
}

extension LogEntry {
    /// Whether it says nothing, not even what it follows.
    fileprivate var isUnreadable: Bool {
        if case .unreadable = event { true } else { false }
    }
}
