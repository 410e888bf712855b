import CEPoll
import Glibc

/// Runs a load plan on the calling thread.
final class LoadRun {
    let plan: LoadPlan
    let frames: ClientFrames
    let poller: Poller
    private let progress: Progress
    var connections: [LoadConnection] = []
    var check: DeliveryCheck
    var result = LoadResult()
    /// When each message was to be sent, by room and slot: for the status topic, which does not carry it.
    private var sentAt: [[UInt64]]
    private var measured: Range<UInt64> = 0..<0
    private var readyCount = 0
    private var receipts = 0
    private var failure: BenchError?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private var scratch: [UInt8] = []

    /// How many subscriptions are on their way at once: fewer connections than a listener's backlog, and fewer cold rooms
    /// than a gateway lets wait for MongoDB.
    private static let subscribingAtOnce = 256
    /// How long nothing may move while connecting, and after the last message, ns.
    private static let patience: UInt64 = 10_000_000_000

    init(_ plan: LoadPlan, progress: Progress) throws(BenchError) {
        try plan.check()
        self.plan = plan
        self.progress = progress
        frames = ClientFrames(plan, run: UInt32.random(in: .min ... .max))
        poller = try Poller()
        check = DeliveryCheck(plan)
        sentAt = Array(repeating: [], count: plan.followsStatus ? plan.rooms.count * max(plan.publishersPerRoom, 1) : 0)
    }

    deinit {
        for connection in connections {
            connection.close()
        }
        buffer.deallocate()
    }

    /// Connects, publishes, waits for what is on its way.
    func run() throws(BenchError) -> LoadResult {
        try open()
        return try finish()
    }

    /// What comes after `open`.
    func finish() throws(BenchError) -> LoadResult {
        try publish()
        drain()
        result.connections = connections.count
        result.sent = check.sent.reduce(0, +)
        result.delivered = check.delivered
        (result.lost, result.duplicates) = (check.lost, check.duplicates)
        result.outOfOrder = check.outOfOrder
        result.disagreeingRooms = result.lost == 0 ? check.disagreeingRooms : 0
        progress.end()
        return result
    }

    /// Connects and subscribes all.
    func open() throws(BenchError) {
        var lastMove = monotonicNanoseconds()
        var lastCount = 0
        while readyCount < plan.connections {
            while connections.count < plan.connections, connections.count - readyCount < openingAtOnce {
                let index = connections.count
                let endpoint = plan.endpoints[index % plan.endpoints.count]
                let connection = try LoadConnection(index: index, endpoint: endpoint)
                connections.append(connection)
                poller.add(connection.socket, token: index, write: true)
            }
            wait(nanoseconds: 100_000_000)
            if let failure { throw failure }
            let now = monotonicNanoseconds()
            if receipts != lastCount {
                (lastMove, lastCount) = (now, receipts)
                progress.show("\(readyCount) of \(plan.connections) connected")
            } else if now - lastMove > LoadRun.patience {
                throw .failed("\(readyCount) of \(plan.connections) connected, then nothing more for 10 s")
            }
        }
    }

    private var openingAtOnce: Int { max(1, LoadRun.subscribingAtOnce / plan.roomsPerConnection) }

    private func publish() throws(BenchError) {
        let start = monotonicNanoseconds() + 10_000_000
        measured = (start + UInt64(plan.warmUp * 1e9))..<(start + UInt64((plan.warmUp + plan.seconds) * 1e9))
        let meter = LoadMeter(plan)
        var isMetering = false
        var next: UInt64 = 0
        var nextReport = start + 1_000_000_000
        while true {
            let now = monotonicNanoseconds()
            if !isMetering, now >= measured.lowerBound {
                isMetering = true
                meter.begin()
            }
            guard now < measured.upperBound else { break }
            var due = self.due(next, from: start)
            var batch = 0
            while due <= now, batch < 256 {
                send(next, at: due, now: now)
                next += 1
                batch += 1
                due = self.due(next, from: start)
            }
            if now >= nextReport {
                nextReport += 1_000_000_000
                progress.show("\((now - start) / 1_000_000_000) s, \(next) sent, \(check.delivered) delivered")
            }
            let until = min(due, measured.upperBound, nextReport)
            wait(nanoseconds: until > now ? until - now : 0)
        }
        if let failure { throw failure }
        meter.end(into: &result)
        result.seconds = plan.seconds
        result.publishedUntil = measured.upperBound
    }

    private func due(_ number: UInt64, from start: UInt64) -> UInt64 {
        plan.rate > 0 ? start + UInt64(Double(number) * 1e9 / plan.rate) : .max
    }

    private func send(_ number: UInt64, at due: UInt64, now: UInt64) {
        let room = plan.room(ofMessage: Int(number % UInt64(plan.rooms.count)))
        let round = Int(number / UInt64(plan.rooms.count))
        let slot = round % plan.publishersPerRoom
        let own = UInt64(round / plan.publishersPerRoom + 1)
        let connection = connections[plan.publisher(slot, of: room)]
        guard connection.phase == .ready else { return }
        if measured.contains(due) {
            result.messagesMeasured += 1
            result.worstLag = max(result.worstLag, now - due)
        }
        if plan.followsStatus {
            sentAt[room * plan.publishersPerRoom + slot].append(due)
        }
        check.send(to: room)
        scratch.removeAll(keepingCapacity: true)
        frames.appendSend(room: room, id: plan.rooms[room], slot: slot, number: own, time: due, to: &scratch)
        connection.send(scratch, poller)
    }

    /// Waits until everything has come, or nothing comes any more.
    private func drain() {
        var lastMove = monotonicNanoseconds()
        var seen = (check.delivered, savedCount)
        while check.delivered < check.expected || (plan.followsStatus && savedCount + result.failed < sentCount) {
            wait(nanoseconds: 50_000_000)
            let now = monotonicNanoseconds()
            if (check.delivered, savedCount) != seen {
                seen = (check.delivered, savedCount)
                lastMove = now
            } else if now - lastMove > LoadRun.patience / 2 {
                break
            }
        }
        // What comes twice comes soon.
        let end = monotonicNanoseconds() + 200_000_000
        while monotonicNanoseconds() < end {
            wait(nanoseconds: 50_000_000)
        }
    }

    private var savedCount: UInt64 { result.status["SAVED"]?.count ?? 0 }
    private var sentCount: UInt64 { check.sent.reduce(0, +) }

    private func wait(nanoseconds: UInt64) {
        poller.wait(nanoseconds: nanoseconds) { ready in
            let connection = connections[ready.token]
            if ready.canWrite {
                writable(connection)
            }
            if ready.canRead {
                readable(connection)
            }
        }
    }

    private func writable(_ connection: LoadConnection) {
        guard connection.phase == .connecting else {
            connection.flush(poller)
            return
        }
        if let cause = connection.connectFailure {
            failure = failure ?? .failed(cause)
            return
        }
        connection.phase = .upgrading
        poller.change(connection.socket, token: connection.index, write: false)
        connection.send(ClientFrames.upgrade(connection.endpoint), poller)
    }

    private func readable(_ connection: LoadConnection) {
        guard connection.phase != .closed else { return }
        let bytes = connection.receive(into: buffer, poller)
        guard let bytes else {
            closed(connection, "closed by the server")
            return
        }
        guard bytes.count > 0 else { return }
        let now = monotonicNanoseconds()
        var start = 0
        if connection.phase == .upgrading {
            guard let end = upgraded(connection, bytes) else {
                connection.keep(bytes, from: 0)
                return
            }
            start = end
        }
        if measured.contains(now) {
            result.bytesMeasured += UInt64(bytes.count)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let used = ServerFrames.read(rest) { handle($0, on: connection, now: now) }
        connection.keep(rest, from: used)
    }

    /// Where the handshake's answer ends; nil while it is not whole.
    private func upgraded(_ connection: LoadConnection, _ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, "\r\n\r\n", 4) else { return nil }
        let end = UnsafeRawPointer(found) - base + 4
        let line = String(decoding: bytes.prefix { $0 != 13 }, as: UTF8.self)
        guard line.contains(" 101 ") else {
            failure = failure ?? .failed("\(connection.endpoint.host):\(connection.endpoint.port) answers \(line)")
            return end
        }
        connection.phase = .greeting
        let token = plan.tokens.isEmpty ? "" : plan.tokens[connection.index % plan.tokens.count]
        connection.send(frames.connect(connection.endpoint, token: token), poller)
        return end
    }

    private func handle(_ event: ServerEvent, on connection: LoadConnection, now: UInt64) {
        switch event {
        case .delivery(let room, let slot, let number, let time):
            check.deliver(connection: connection.index, room: room, slot: slot, number: number)
            if measured.contains(time) {
                result.deliveriesMeasured += 1
                result.latency.add(now > time ? now - time : 0)
            }
        case .frame(let frame): handle(frame, on: connection, now: now)
        case .ping(let payload): connection.sendPong(payload, poller)
        case .close(let reason): closed(connection, reason)
        }
    }

    private func handle(_ frame: UnsafeRawBufferPointer, on connection: LoadConnection, now: UInt64) {
        if frame.starts(with: "CONNECTED".utf8) {
            connection.phase = .subscribing
            subscribe(connection)
        } else if frame.starts(with: "RECEIPT".utf8) {
            guard connection.phase == .subscribing else { return }
            receipts += 1
            guard connection.subscribed == plan.rooms(ofConnection: connection.index).count else {
                return subscribe(connection)
            }
            connection.phase = .ready
            readyCount += 1
        } else if frame.starts(with: "ERROR".utf8) {
            let text = String(decoding: frame.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n").joined(
                separator: " ")
            failure = failure ?? .failed("the server answers \(text.prefix(200))")
        } else if plan.followsStatus, let step = StatusFrame(frame) {
            told(step, now: now)
        }
    }

    /// Subscribes to the next of its rooms.
    private func subscribe(_ connection: LoadConnection) {
        let rooms = plan.rooms[plan.rooms(ofConnection: connection.index)].dropFirst(connection.subscribed)
        let next = rooms.prefix(LoadRun.subscribingAtOnce)
        let isPublisher = connection.index % plan.subscribersPerRoom < plan.publishersPerRoom
        let bytes = frames.subscribe(
            next, from: connection.subscribed, status: plan.followsStatus && isPublisher)
        connection.subscribed += next.count
        connection.send(bytes, poller)
    }

    private func told(_ step: StatusFrame, now: UInt64) {
        if step.status == "FAILED" {
            result.failed += 1
        }
        let place = step.room * plan.publishersPerRoom + step.slot
        guard sentAt.indices.contains(place), sentAt[place].count >= step.number, step.number > 0 else { return }
        let time = sentAt[place][Int(step.number - 1)]
        result.status[step.status, default: LatencyHistogram()].add(now > time ? now - time : 0)
    }

    private func closed(_ connection: LoadConnection, _ reason: String) {
        if connection.phase != .ready {
            failure = failure ?? .failed("a connection ended before it was subscribed: \(reason)")
        }
        result.ended += 1
        result.firstReason = result.firstReason ?? reason
        connection.close()
    }
}
