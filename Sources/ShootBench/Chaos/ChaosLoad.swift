import CEPoll
import Glibc

/// Runs the clients of a chaos plan on the calling thread until its control says that it is over.
final class ChaosLoad {
    /// What the clients can tell in the end.
    struct Outcome: Sendable {
        let journals: [Journal]
        let late: LateArrivals
        /// When the last client that had to move was back, ns.
        let lastReturn: UInt64
        let sent: Int
        let delivered: Int
    }

    let plan: ChaosPlan
    let control: ChaosControl
    let poller: Poller
    var clients: [ChaosClient] = []
    var random: SeededRandom
    var late = LateArrivals()
    var lastReturn: UInt64 = 0
    var delivered = 0
    /// The highest number that anybody has seen, by room.
    var roomEnd: [UInt64]
    /// Tells messages of this run from others'.
    let run: UInt32
    private var sent = 0
    /// How many orders have been carried out.
    var orders = 0
    /// Messages that a room's clients are to send besides, by room.
    var bursts: [Int: Int] = [:]
    /// Messages that were sent besides those at the plan's rate.
    var besides = 0
    private var sendingSince: UInt64 = 0
    private var nextTick: UInt64 = 0
    /// Clients that are connected and resumed.
    var here = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    /// Connections that are opened at once in the beginning: fewer than a listener's backlog.
    private static let openingAtOnce = 200
    /// Between two looks at what is due besides sends, ns.
    private static let tick: UInt64 = 20_000_000

    init(_ plan: ChaosPlan, _ control: ChaosControl) throws(BenchError) {
        self.plan = plan
        self.control = control
        poller = try Poller()
        random = SeededRandom(seed: plan.seed)
        run = UInt32.random(in: .min ... .max)
        roomEnd = Array(repeating: 0, count: plan.rooms.count)
        clients = plan.clients.indices.map { ChaosClient(index: $0, plan: plan) }
    }

    deinit {
        for client in clients {
            client.connection?.close()
        }
        buffer.deallocate()
    }

    /// Connects, sends, resumes, until told to end.
    func runToEnd() throws(BenchError) -> Outcome {
        var opened = 0
        while control.phase != .ended {
            let now = monotonicNanoseconds()
            while opened < clients.count, opened - here < Self.openingAtOnce {
                clients[opened].connectAt = now
                opened += 1
            }
            if now >= nextTick {
                nextTick = now + Self.tick
                tick(now)
            }
            let due = sendWhatIsDue(now)
            let until = min(due, nextTick)
            poller.wait(nanoseconds: until > now ? until - now : 0) { ready in
                let client = clients[ready.token]
                if ready.canWrite {
                    writable(client)
                }
                if ready.canRead {
                    readable(client, buffer)
                }
            }
        }
        return Outcome(
            journals: clients.map(\.journal), late: late, lastReturn: lastReturn, sent: sent + besides,
            delivered: delivered)
    }

    /// Sends what is due by now; gives when the next message is.
    private func sendWhatIsDue(_ now: UInt64) -> UInt64 {
        guard control.phase == .sending else { return .max }
        if sendingSince == 0 {
            sendingSince = now
        }
        var due = self.due
        var batch = 0
        while due <= now, batch < 256 {
            let client = clients[Int(random.next(upperBound: UInt(clients.count)))]
            sent += 1
            batch += 1
            if !client.isOut, !client.isAway {
                let number = client.sends.add(due: due)
                if client.isHere {
                    send(number, of: client)
                }
            }
            due = self.due
        }
        return due
    }

    private var due: UInt64 { sendingSince + UInt64(Double(sent) * 1e9 / plan.rate) }

    func send(_ number: Int, of client: ChaosClient) {
        client.sends.isSent(number, now: monotonicNanoseconds())
        let name = MessageName(run: run, room: client.room, slot: client.slot, number: UInt64(number))
        let isPoison = client.sends[number].isPoison
        client.connection?.send(ChaosFrames.send(name, to: plan.rooms[client.room], isPoison: isPoison), poller)
    }

    /// Connects who is to connect, repeats what is to be repeated, gives up on the silent, and reports.
    private func tick(_ now: UInt64) {
        for order in control.takeOrders() {
            carryOut(order, now)
        }
        sendBursts(now)
        var standing = ChaosControl.Standing()
        for client in clients where !client.isOut {
            if client.connectAt > 0, client.connectAt <= now {
                connect(client, now)
            } else if let connection = client.connection, connection.phase != .closed, isSilent(client, now) {
                lose(client, now)
            }
            if client.isHere {
                for number in client.sends.dueRepeats(now: now) {
                    send(number, of: client)
                }
                standing.here += 1
            } else {
                standing.away += 1
            }
            standing.unanswered += client.sends.waiting.count
            standing.behind += client.lastSeq < roomEnd[client.room] ? 1 : 0
            standing.poison += client.sends.unrejectedPoison
        }
        standing.orders = orders
        standing.sent = sent + besides
        standing.delivered = delivered
        control.report(standing)
    }

    /// Nothing comes, though heart-beats would, or an answer to the handshake.
    private func isSilent(_ client: ChaosClient, _ now: UInt64) -> Bool {
        let silence = now - min(client.heard, now)
        return client.isHere
            ? plan.hasHeartBeats(client.index) && silence > plan.heartBeat * 5 / 2
            : silence > ChaosLoad.handshakePatience
    }

    /// How long a client waits for what comes before it is ready, ns.
    private static let handshakePatience: UInt64 = 5_000_000_000
}
