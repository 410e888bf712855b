import Application
import Domain
import EventLoop
import Telemetry

/// Telling subscriptions what they missed, out of the log or, where that no longer reaches back, out of MongoDB.
///
/// A room serves its backfills a page at a time, in turn: one that comes from far away does not hold up the others, and
/// those that stand within a page share its reading and encoding. Rooms take turns as well, with one page of a log in a
/// turn of the loop, so that live messages go out between the pages however many come back at once. A backfill whose
/// position is the cursor goes live.
extension RoomHub {
    /// Begins to tell a subscription what follows its position.
    func resume(_ request: SubscribeRequest, after position: Position, _ opening: RoomOpening, in room: OpenRoom) {
        // Nobody reads what was said before they joined, or after the end.
        let start = min(max(position, Position(seq: opening.joinedSeq)), opening.last)
        let backfill = Backfill(request, after: start, verified: opening.last)
        if let earlier = room.backfills[request.key] {
            backfill.isAnnounced = earlier.isAnnounced
            backfill.ahead = earlier.ahead
            // Who was put out and let in again may know less than before.
            backfill.walk = earlier.request.joinedSeq == request.joinedSeq ? earlier.walk : nil
        }
        room.backfills[request.key] = backfill
        if start == opening.last, !backfill.isAnnounced {
            hand([Part(backfill, [], announcement(of: backfill, from: .none), isLast: true)], of: [], in: room)
        } else {
            queue(backfill, in: room)
        }
    }

    /// Goes on with backfills that waited for the cursor and were passed by it.
    func queue(_ backfill: Backfill, in room: OpenRoom) {
        room.queuedBackfills.append(backfill.request.key)
        readForBackfills(in: room)
    }

    /// Puts the room in line for a page, where somebody waits for one.
    private func readForBackfills(in room: OpenRoom) {
        guard !room.isBackfilling, !room.queuedBackfills.isEmpty else { return }
        room.isBackfilling = true
        backfillTurns.append(room)
        takeBackfillTurn()
    }

    /// Begins the next room's page, where none is being read.
    private func takeBackfillTurn() {
        guard !isReadingBackfill, !backfillTurns.isEmpty else { return }
        let room = backfillTurns.removeFirst()
        guard open[room.id] === room, let backfill = room.nextBackfill() else {
            room.isBackfilling = false
            return takeBackfillTurn()
        }
        guard backfill.walk == nil else {
            readStore(for: backfill, in: room)
            return takeBackfillTurn()
        }
        isReadingBackfill = true
        let start = backfill.position
        log.entries(of: room.id, after: start, limit: GatewayLimits.backfillPage) { [weak self] result in
            guard let self else { return }
            backfillTurnEnded()
            guard open[room.id] === room else { return }
            switch result {
            case .success(let entries):
                let isGap = entries.first.map { $0.previous > start } ?? (start < room.cursor)
                if isGap {
                    readStore(for: backfill, in: room)
                } else {
                    room.isBackfilling = false
                    tell(
                        entries, after: start, to: [backfill] + room.takeBackfills(from: start, through: entries),
                        in: room)
                    readForBackfills(in: room)
                }
            case .failure(let error): retry(backfill, "\(error)", in: room)
            }
        }
    }

    /// Lets the next room have its page when what this one brought has been written.
    private func backfillTurnEnded() {
        let hub = LoopBound(self, on: loop)
        loop.execute {
            hub.value.isReadingBackfill = false
            hub.value.takeBackfillTurn()
        }
    }

    /// Goes on through the store: up to what is saved, and no further than where the user was a participant.
    private func readStore(for backfill: Backfill, in room: OpenRoom) {
        let (messages, loop, id) = (self.messages, self.loop, room.id)
        let (begun, start, verified) = (backfill.walk, backfill.position, backfill.verified)
        let floor = backfill.request.joinedSeq
        let bound = LoopBound((hub: self, room: room, backfill: backfill), on: loop)
        Task {
            var step: (walk: StoreWalk, page: StoreWalk.Page)?
            do throws(StoreError) {
                let saved = begun == nil ? try await messages.savedPosition(of: id) ?? .zero : .zero
                var walk = begun ?? StoreWalk(from: start, to: max(start, min(saved, verified)), above: floor)
                if walk.end > start, let page = try await walk.next(of: id, in: messages, limit: GatewayLimits.gapPage)
                {
                    step = (walk, page)
                }
            } catch {
                step = nil
            }
            let read = step
            loop.execute {
                let (hub, room, backfill) = bound.value
                guard hub.open[id] === room else { return }
                hub.readFromStore(read?.page, read?.walk, for: backfill, in: room)
            }
        }
    }

    private func readFromStore(
        _ page: StoreWalk.Page?, _ walk: StoreWalk?, for backfill: Backfill, in room: OpenRoom
    ) {
        let isVerified = page?.ahead(of: backfill.verified).isEmpty ?? (backfill.position < backfill.verified)
        guard isVerified else {
            // What follows may be no longer the user's to read: that is asked again.
            room.isBackfilling = false
            join(backfill.request.resuming(after: backfill.position), room)
            readForBackfills(in: room)
            return
        }
        guard let page, let walk else { return retry(backfill, "the store has nothing yet", in: room) }
        room.isBackfilling = false
        let announcement = backfill.isAnnounced ? nil : announcement(of: backfill, from: .store)
        let events = page.events(from: walk.start, epoch: room.epoch)
        backfill.ahead.note(page.ahead(of: walk.end))
        if walk.isDone {
            backfill.position = walk.end
            backfill.ahead.forget(upTo: walk.end)
        }
        backfill.walk = walk.isDone ? nil : walk
        hand([Part(backfill, events.isEmpty ? [] : [0..<events.count], announcement)], of: events, in: room)
        readForBackfills(in: room)
    }

    private func retry(_ backfill: Backfill, _ cause: String, in room: OpenRoom) {
        logger.warning("room.backfill_failed", ["roomId": .string(room.id.hex), "cause": .string(cause)])
        _ = loop.schedule(afterMilliseconds: GatewayLimits.rereadMilliseconds) { [weak self] in
            guard let self, open[room.id] === room else { return }
            room.isBackfilling = false
            queue(backfill, in: room)
        }
    }

    /// Tells each backfill what of these entries it has not had.
    private func tell(
        _ entries: [LogEntry], after start: Position, to backfills: [Backfill], in room: OpenRoom
    ) {
        let page = BackfillPage(entries, room: room.id, epoch: room.epoch)
        let isEnd = entries.count < GatewayLimits.backfillPage
        let end = entries.last?.position ?? start
        var parts: [Part] = []
        for backfill in backfills where room.backfills[backfill.request.key] === backfill {
            let announcement = backfill.isAnnounced ? nil : announcement(of: backfill, from: .log)
            let events = page.take(for: backfill)
            let isLast =
                isEnd && backfill.position == end && backfill.ending == nil
                && page.byteCount(of: events) <= GatewayLimits.lastReplayBytes
            parts.append(Part(backfill, events, announcement, isLast: isLast))
        }
        hand(parts, of: page.events, in: room)
    }

    /// What one backfill is handed.
    private struct Part {
        let backfill: Backfill
        let events: [Range<Int>]
        let announcement: EncodedEvent?
        /// It ends where the log did, and is so small that live messages may follow at once. The room would go on while the
        /// socket is waited for, and a busy one would always be a few messages ahead.
        let isLast: Bool

        init(_ backfill: Backfill, _ events: [Range<Int>], _ announcement: EncodedEvent?, isLast: Bool = false) {
            self.backfill = backfill
            self.events = events
            self.announcement = announcement
            self.isLast = isLast
        }
    }

    /// Tells the hub that a part has been taken, where it waits for that.
    private func taken(_ part: Part, in id: RoomID) -> @Sendable () -> Void {
        guard !part.isLast else { return {} }
        let (hub, key) = (LoopBound(self, on: loop), part.backfill.request.key)
        return { hub.loop.execute { hub.value.taken(key, in: id) } }
    }

    private func hand(_ parts: [Part], of events: [EncodedEvent], in room: OpenRoom) {
        for index in room.loops {
            let targets = parts.filter { $0.backfill.request.key.loop == index }.map { part in
                Replay.Target(
                    subscription: part.backfill.request.subscription, events: part.events,
                    announcement: part.announcement, isLast: part.isLast, taken: taken(part, in: room.id))
            }
            if !targets.isEmpty {
                tell([.replay(Replay(events: events, targets: targets))], loop: index, room: room.id)
            }
        }
        for part in parts {
            part.backfill.isAnnounced = true
        }
        for part in parts where part.isLast {
            goLive(part.backfill, in: room)
        }
    }

    /// A subscriber's socket has taken what it was handed: it goes on, goes live, or has come to its end.
    private func taken(_ key: SubscriptionKey, in id: RoomID) {
        guard let room = open[id], let backfill = room.backfills[key] else { return }
        if let ending = backfill.ending, backfill.position >= ending.at {
            room.backfills[key] = nil
            tell([.expel(backfill.request.subscription, code: ending.code)], loop: key.loop, room: id)
        } else if backfill.walk != nil || backfill.position < room.cursor {
            queue(backfill, in: room)
        } else {
            goLive(backfill, in: room)
        }
    }

    /// Has a backfill begin where nothing that follows is behind what it has been told.
    private func goLive(_ backfill: Backfill, in room: OpenRoom) {
        let start = max(backfill.position, backfill.ahead.end)
        room.begin(backfill.request, at: start)
        var nothing: [RoomEvent] = []
        begin(in: room, after: &nothing)
        if start > room.cursor {
            ring(room)
        }
    }

    private func announcement(of backfill: Backfill, from source: EncodedEvent.Recovery) -> EncodedEvent {
        metrics.count(resumeFrom: source)
        return .resumed(
            room: backfill.request.room, number: backfill.request.key.number, from: source,
            after: backfill.position.seq, upTo: backfill.verified.seq)
    }
}
