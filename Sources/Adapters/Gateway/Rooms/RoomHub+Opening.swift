import Application
import Domain
import EventLoop
import Telemetry

/// Opening rooms for subscribers, and closing them after the last.
extension RoomHub {
    /// Serves a subscription from the position at which its user was found to be a participant.
    func subscribe(_ request: SubscribeRequest) {
        loop.assertCurrent()
        let room = open[request.room] ?? listen(to: request.room)
        room.retain(request)
        if room.phase == .listening {
            room.requests.append(request)
        } else {
            join(request, room)
        }
    }

    /// A subscription that began, or was to begin, has ended.
    func unsubscribe(_ key: SubscriptionKey, from id: RoomID) {
        loop.assertCurrent()
        if let room = open[id] {
            release(key, in: room)
        }
    }

    /// Lets subscriptions begin whose place the cursor has come to; what came before goes out first.
    func begin(in room: OpenRoom, after events: inout [RoomEvent]) {
        let requests = room.takeBeginning()
        guard !requests.isEmpty else { return }
        tell(events, in: room)
        events.removeAll(keepingCapacity: true)
        for request in requests {
            if let backfill = room.backfills[request.key], backfill.position < room.cursor || backfill.ending != nil {
                // The cursor has passed over its place, or its user's place ended there: it is not to begin.
                queue(backfill, in: room)
                continue
            }
            room.backfills[request.key] = nil
            tell(
                [.activate(request.subscription, joinedSeq: request.joinedSeq)], loop: request.key.loop, room: room.id)
        }
    }

    private func listen(to id: RoomID) -> OpenRoom {
        let room = OpenRoom(id: id, loops: loopCount)
        open[id] = room
        metrics.openRooms.add(1)
        log.listen(to: id) { [weak self] result in
            guard let self, open[id] === room else { return }
            let requests = room.requests
            room.requests = []
            switch result {
            case .success:
                room.phase = .opening
                requests.forEach { self.join($0, room) }
            case .failure(let error):
                open[id] = nil
                metrics.openRooms.add(-1)
                log.close(id) {}
                requests.forEach { $0.refused(RoomHub.refusal(error)) }
            }
        }
        return room
    }

    func join(_ request: SubscribeRequest, _ room: OpenRoom, mayWarm: Bool = true) {
        let known = room.membershipVersion
        log.open(room.id, for: request.user) { [weak self] result in
            guard let self, open[room.id] === room, room.holds(request.key) else { return }
            switch result {
            case .success(let opening):
                if opening.membershipVersion < known {
                    // Redis answered after it was known: a fail-over has lost that change, and this is who is in the room.
                    foundLoss(of: "membership", in: room)
                    room.membershipVersion = opening.membershipVersion
                }
                opened(opening, request, room)
            case .failure(.cold) where mayWarm:
                warm(room.id) { [weak self] refusal in
                    guard let self, open[room.id] === room, room.holds(request.key) else { return }
                    if let refusal {
                        refuse(request, room, refusal)
                    } else {
                        join(request, room, mayWarm: false)
                    }
                }
            case .failure(.unavailable), .failure(.outcomeUnknown):
                joinAgain(request, room, mayWarm: mayWarm)
            case .failure(let error): refuse(request, room, RoomHub.refusal(error))
            }
        }
    }

    /// Asks again after a pause, as a send is tried again: asking twice does no harm, and a client that is refused comes
    /// back on a new connection with all that it is subscribed to.
    private func joinAgain(_ request: SubscribeRequest, _ room: OpenRoom, mayWarm: Bool) {
        guard loop.now < request.deadline else {
            return refuse(request, room, RoomHub.refusal(.unavailable))
        }
        _ = loop.schedule(afterMilliseconds: GatewayLimits.publishRetryMilliseconds) { [weak self] in
            guard let self, open[room.id] === room, room.holds(request.key) else { return }
            join(request, room, mayWarm: mayWarm)
        }
    }

    private func opened(_ opening: RoomOpening, _ request: SubscribeRequest, _ room: OpenRoom) {
        guard opening.role != nil else {
            refuse(request, room, Refusal(.notParticipant, "you are not a participant of this room"))
            return
        }
        if room.phase != .live {
            room.phase = .live
            room.epoch = opening.epoch
            room.cursor = opening.last
            room.membershipVersion = opening.membershipVersion
            // A ring that was faster than this answer led to nothing.
            ring(room)
        }
        saved(opening.saved.seq, asOf: opening.last, in: room)
        logReaches(opening.last, in: room)
        guard opening.membershipVersion >= room.membershipVersion else {
            // Who is in the room has changed since Redis answered: a kick may be among what was handed out.
            join(request, room)
            return
        }
        var request = request
        request.joinedSeq = opening.joinedSeq
        if let position = request.resumeAfter {
            resume(request, after: position, opening, in: room)
            return
        }
        room.begin(request, at: opening.last)
        var nothing: [RoomEvent] = []
        begin(in: room, after: &nothing)
        if opening.last > room.cursor {
            ring(room)
        }
    }

    private func refuse(_ request: SubscribeRequest, _ room: OpenRoom, _ refusal: Refusal) {
        if release(request.key, in: room) {
            request.refused(refusal)
        }
    }

    @discardableResult
    private func release(_ key: SubscriptionKey, in room: OpenRoom) -> Bool {
        guard room.release(key) else { return false }
        if room.isUnused {
            closeAfterLinger(room)
        }
        return true
    }

    private func closeAfterLinger(_ room: OpenRoom) {
        _ = loop.schedule(afterMilliseconds: GatewayLimits.roomLingerMilliseconds) { [weak self] in
            guard let self, open[room.id] === room, room.isUnused else { return }
            forgetRing(of: room)
            open[room.id] = nil
            metrics.openRooms.add(-1)
            log.close(room.id) {}
        }
    }

    /// What a client is told where the log did not answer.
    static func refusal(_ error: RoomLogError) -> Refusal {
        switch error {
        case .cold, .stale, .noGroup: Refusal(.busy, "the room is being opened; try again")
        case .unavailable, .outcomeUnknown: Refusal(.storeUnavailable, "the room log is out of reach; try again")
        case .failed: Refusal(.internalError, "the room log answered with an error; it has been logged")
        }
    }
}
