import Application
import Domain
import EventLoop
import Telemetry

/// Reads the logs of the rooms that fall to one loop, and writes to them; it tells every loop that has subscribers.
///
/// Each room falls to one hub of the gateway, so that its log is read once per process and its publishes are in line.
/// Confined to its loop.
final class RoomHub: TickEndTask {
    let loop: EventLoop
    let log: any RoomLog
    let rooms: any RoomStore
    let messages: any MessageReader
    let clock: @Sendable () -> Timestamp
    let metrics: GatewayMetrics
    let logger: Logger
    /// Nil where this process records no traces.
    let tracer: Tracer?
    /// The fan-outs of all loops, in the order of their places.
    private let fanouts: [LoopBound<LoopFanout>]
    var open: [RoomID: OpenRoom] = [:]
    var queues: [RoomID: PublishQueue] = [:]
    /// Who waits for a room to be loaded from MongoDB: one load serves them all.
    var warming: [RoomID: [(Refusal?) -> Void]] = [:]
    /// Rooms to be read, and rooms to be published to, when this turn ends.
    private var rung: [OpenRoom] = []
    private var publishing: [RoomID] = []
    /// Rooms in line for a page for subscriptions that resume, and whether one is being read.
    var backfillTurns: [OpenRoom] = []
    var isReadingBackfill = false
    private var sweepTimer: LoopTimer?
    private var sweepSlice = 0
    private var statusNumber: UInt64 = 0

    init(
        loop: EventLoop, log: any RoomLog, rooms: any RoomStore, messages: any MessageReader,
        fanouts: [LoopBound<LoopFanout>], clock: @escaping @Sendable () -> Timestamp, metrics: GatewayMetrics,
        logger: Logger, tracer: Tracer?
    ) {
        self.loop = loop
        self.log = log
        self.rooms = rooms
        self.messages = messages
        self.fanouts = fanouts
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.tracer = tracer
    }

    /// Begins to listen and to sweep. Call once, on the loop.
    func start() {
        loop.assertCurrent()
        loop.addTickEnd(self)
        log.onRing = { [unowned self] room, ring in rang(room, ring) }
        let period = GatewayLimits.sweepMilliseconds / UInt64(GatewayLimits.sweepSlices)
        sweepTimer = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in
            sweep()
        }
    }

    /// Gives up every group, so that Redis is left as if this gateway had never been there. `completion` comes when
    /// Redis has done it, or is away.
    func closeAll(completion: @escaping () -> Void) {
        loop.assertCurrent()
        sweepTimer?.cancel()
        let rooms = Array(open.keys)
        open.values.forEach(forgetRing)
        open = [:]
        close(rooms[...], completion: completion)
    }

    /// In slices: they are not to fill the connection.
    private func close(_ rooms: ArraySlice<RoomID>, completion: @escaping () -> Void) {
        let slice = rooms.prefix(GatewayLimits.roomsPerClosing)
        guard !slice.isEmpty else { return log.end(completion: completion) }
        var left = slice.count
        for room in slice {
            log.close(room) { [self] in
                left -= 1
                if left == 0 {
                    close(rooms.dropFirst(slice.count), completion: completion)
                }
            }
        }
    }

    /// How many loops may have subscribers.
    var loopCount: Int { fanouts.count }

    /// Whether nothing waits to be published.
    var hasPublished: Bool { queues.isEmpty }

    func tickEnded() {
        let toPublish = publishing
        publishing.removeAll(keepingCapacity: true)
        for room in toPublish {
            publishNext(in: room)
        }
        var toRead = rung.filter { $0.phase == .live && !$0.isReading }
        rung.removeAll(keepingCapacity: true)
        while !toRead.isEmpty {
            read(Array(toRead.suffix(GatewayLimits.maxRoomsPerRead)))
            toRead.removeLast(min(toRead.count, GatewayLimits.maxRoomsPerRead))
        }
    }

    /// Marks a room to be read when this turn ends.
    func ring(_ room: OpenRoom) {
        guard !room.isRung else { return }
        room.isRung = true
        if !room.isReading {
            rung.append(room)
        }
    }

    /// Marks a room to be published to when this turn ends.
    func publishAtTurnEnd(_ room: RoomID) { publishing.append(room) }

    /// Tells each loop that has subscribers in the room.
    func tell(_ events: [RoomEvent], in room: OpenRoom) {
        guard !events.isEmpty else { return }
        for index in room.loops {
            tell(events, loop: index, room: room.id)
        }
    }

    /// Tells one loop.
    func tell(_ events: [RoomEvent], loop index: Int, room: RoomID) {
        let fanout = fanouts[index]
        if fanout.loop === loop {
            fanout.value.perform(events, in: room)
        } else {
            fanout.loop.execute { fanout.value.perform(events, in: room) }
        }
    }

    /// The event that tells a sender of a step.
    func status(_ update: StatusUpdate, of user: UserID, in room: RoomID) -> RoomEvent {
        statusNumber += 1
        return .status(
            user, StatusStep(tempID: update.tempID, status: update.status),
            .status(update, room: room, number: statusNumber))
    }

    private func rang(_ id: RoomID, _ ring: Ring?) {
        guard let room = open[id], room.phase == .live else { return }
        switch ring {
        case nil: lookAfter(room)
        case .appended(let position):
            if position > room.cursor {
                logReaches(position, in: room)
                // Where it is being read that may bring it, and looks.
                if !room.isReading {
                    self.ring(room)
                }
            }
        case .typing(let user, let isTyping): typed(isTyping, by: user, in: room)
        case .processing(let position): advanced(room.trail.processing(upTo: position.seq), in: room)
        case .saved(let position):
            if room.lookingAfter == .no {
                saved(position.seq, asOf: max(room.rung, room.cursor), in: room)
            } else {
                // The ring before it may be lost that told of a failure: it is asked up to where the log must be read.
                room.hasPassedOverSaved = true
            }
        }
    }

    /// The log has been heard to reach so far.
    func logReaches(_ end: Position, in room: OpenRoom) {
        let known = max(room.rung, room.cursor)
        guard end > known else { return }
        metrics.logLag.add(Int64(end.seq) - Int64(known.seq))
        room.rung = end
    }

    /// Everything up to `seq` is stored, as of when the log ended at `end`.
    func saved(_ seq: UInt64, asOf end: Position, in room: OpenRoom) {
        room.mark(saved: seq, once: end)
        tellSaved(in: room)
    }

    /// Tells senders of what is stored, as far as the cursor allows.
    func tellSaved(in room: OpenRoom) {
        if let seq = room.takeSaved() {
            advanced(room.trail.saved(upTo: seq), in: room)
        }
    }

    private func advanced(_ updates: [(sender: UserID, update: StatusUpdate)], in room: OpenRoom) {
        tell(updates.map { status($0.update, of: $0.sender, in: room.id) }, in: room)
    }

    /// Tells a room's gateways that a user types or has stopped; `completion` is given nil where Redis does not answer.
    func tellTyping(
        _ isTyping: Bool, of user: UserID, in room: RoomID, completion: @escaping (TypingOutcome?) -> Void
    ) {
        loop.assertCurrent()
        log.tellTyping(isTyping, of: user, in: room) { result in completion(try? result.get()) }
    }

    private func typed(_ isTyping: Bool, by user: UserID, in room: OpenRoom) {
        metrics.typing.add()
        statusNumber += 1
        tell([.typing(user, .typing(isTyping, of: user, room: room.id, number: statusNumber))], in: room)
    }

    private func sweep() {
        sweepSlice = (sweepSlice + 1) % GatewayLimits.sweepSlices
        for (id, room) in open where room.phase == .live {
            let isInSlice = UInt(bitPattern: id.hashValue) % UInt(GatewayLimits.sweepSlices) == UInt(sweepSlice)
            if isInSlice || room.isOverdue {
                lookAfter(room)
            }
        }
    }

    /// Finds what a lost ring hid: new entries, and for those who wait for it how far the persister has come.
    private func lookAfter(_ room: OpenRoom) {
        ring(room)
        guard room.lookingAfter == .no else {
            room.lookingAfter = .again
            return
        }
        room.lookingAfter = .underWay
        room.isOverdue = false
        // A group that stands beyond the cursor brings nothing: an answer that was lost may have taken it there.
        log.entries(of: room.id, after: room.cursor, limit: 1) { [weak self] result in
            guard let self, open[room.id] === room else { return }
            switch result {
            case .success(let entries):
                if let next = entries.first {
                    rang(room.id, .appended(next.position))
                }
            case .failure: room.isOverdue = true
            }
            let isAgain = room.lookingAfter == .again
            room.lookingAfter = .no
            if isAgain {
                lookAfter(room)
            } else if room.hasPassedOverSaved {
                room.hasPassedOverSaved = false
                lookForSaved(room)
            }
        }
        if !room.trail.isEmpty {
            lookForSaved(room)
        }
    }

    private func lookForSaved(_ room: OpenRoom) {
        log.open(room.id, for: RoomHub.nobody) { [weak self] result in
            guard let self, open[room.id] === room else { return }
            guard case .success(let opening) = result else {
                room.isOverdue = true
                return
            }
            saved(opening.saved.seq, asOf: opening.last, in: room)
            if opening.last > room.cursor {
                logReaches(opening.last, in: room)
                ring(room)
            }
        }
    }

    /// A user that no room has: for reading a room's state alone.
    private static let nobody = UserID(rawValue: 0)
}
