import Launcher
import Threads

/// What is to be broken under what load.
struct ChaosOptions: Sendable {
    /// How long messages are sent, s; longer where a fault takes longer.
    var seconds = 60.0
    var gateways = 3
    /// nil: one for each ten clients.
    var rooms: Int?
    /// nil: a thousand, or as many as a fault asks for.
    var clients: Int?
    /// Messages a second.
    var rate = 300.0
    var seed: UInt64 = 1

    /// A persister's lease, ms.
    var lease: Int { isShort ? 1000 : 10_000 }
    /// Between a gateway's heart-beats, ms.
    var heartBeat: Int { isShort ? 500 : 5000 }

    /// A run of seconds: what otherwise waits for times of the configuration gets shorter ones.
    var isShort: Bool { seconds < 20 }
}

/// One fault under load, and what came of it.
struct ChaosRun {
    /// What a row of the report tells.
    struct Outcome: Sendable {
        let fault: String
        let title: String
        let load: String
        let sent: Int
        let accepted: Int
        let delivered: Int
        let lost: Int
        let doubled: Int
        let reordered: Int
        let moves: Int
        /// Times to recover, ns; 0: nothing was late.
        let answers: UInt64
        let deliveries: UInt64
        let saved: UInt64
        let broken: [String]
    }

    let bench: BenchStack
    let fault: Fault
    let options: ChaosOptions

    private static let clientsOfARoom = 10
    private static let persisters = 2
    /// How long the load may take to be there, and to be quiet after its end.
    private static let patience = Duration.seconds(90)

    func run() async throws -> Outcome {
        let proxy = fault.cutsRedis ? try CutProxy(target: bench.redis?.port ?? 0) : nil
        defer {
            bench.stopProcesses()
            proxy?.end()
        }
        var settings = settings
        if let proxy {
            settings["SHOOT_REDIS_URL"] = "redis://127.0.0.1:\(proxy.port)"
        }
        try bench.start(gateways: options.gateways, persister: false, settings: settings)
        let persisters = try (1...Self.persisters).map {
            try bench.startPersister("persister-\($0)", settings: settings)
        }
        let plan = try await plan()
        let control = ChaosControl()
        let outage = Duration.seconds(fault.outage(options.seconds))
        let stage = ChaosStage(
            bench, plan: plan, control: control, outage: outage,
            lease: .milliseconds(options.lease), settings: settings, proxy: proxy,
            persisters: persisters)
        let pool = BlockingPool(name: "chaos-load", threads: 1, maxQueued: 1)
        async let load = pool.run { try ChaosLoad(plan, control).runToEnd() }
        let moment: Result<UInt64, any Error>
        do {
            moment = .success(try await direct(stage))
        } catch {
            moment = .failure(error)
        }
        control.enter(.ended)
        let outcome = try await load
        await pool.shutdown()
        return try verdict(stage, outcome, moment: try moment.get())
    }

    /// Brings the load up, breaks what is to be broken, and waits until all is quiet.
    private func direct(_ stage: ChaosStage) async throws -> UInt64 {
        let control = stage.control
        let all = stage.plan.clients.count
        try await stage.wait(for: "\(fault.name): \(all) clients connect", within: Self.patience) {
            control.standing?.here == all
        }
        control.enter(.sending)
        let start = ContinuousClock.now
        // Not always at the same moment of the processes' own beats.
        try await stage.wait(.milliseconds(Int(options.seconds * 200) + stage.choose(Int(options.seconds * 100))))
        Console.note("\(fault.name): breaking\n")
        let moment = try await fault.inject(stage)
        Console.note("\(fault.name): over\n")
        let end = max(start + .seconds(options.seconds), ContinuousClock.now + .seconds(options.seconds / 3))
        try await Task.sleep(until: end)
        control.enter(.draining)
        let redis = bench.redis?.port ?? 0
        do {
            try await stage.wait(for: "quiet", within: Self.patience) {
                guard let standing = control.standing, standing.isQuiet else { return false }
                return try RedisProbe.readyRooms(port: redis) == 0
            }
        } catch {
            let standing = control.standing ?? ChaosControl.Standing()
            stage.complain(
                "quiet: after \(Self.patience) \(standing.away) clients are away, \(standing.unanswered) sends without "
                    + "an answer, \(standing.behind) clients behind the others (\(error))")
        }
        // What comes twice comes soon.
        try await stage.wait(.milliseconds(300))
        return moment
    }

    private func plan() async throws -> ChaosPlan {
        let wanted = options.clients ?? (fault.clientsPerGateway.map { $0 * options.gateways } ?? 1000)
        let rooms = options.rooms ?? max(1, wanted / Self.clientsOfARoom)
        let perRoom = max(1, wanted / rooms)
        let users = try await bench.users(rooms * perRoom)
        let members = (0..<rooms).map { room in users[(room * perRoom)..<((room + 1) * perRoom)].map(\.id) }
        return ChaosPlan(
            gateways: try bench.gateways.map { try Endpoint($0.url) }, rooms: try await bench.rooms(members),
            clients: users.map { ChaosPlan.Client(user: $0.id, token: $0.token) }, perRoom: perRoom,
            rate: options.rate, heartBeat: UInt64(options.heartBeat) * 1_000_000, seed: options.seed)
    }

    private func verdict(_ stage: ChaosStage, _ outcome: ChaosLoad.Outcome, moment: UInt64) throws -> Outcome {
        let plan = stage.plan
        let stored = try StoredMessages.read(url: bench.stack.mongoURL, rooms: plan.rooms)
        let letters = try StoredMessages.letters(url: bench.stack.mongoURL, rooms: plan.rooms)
        for (what, holds) in stage.expectations where !holds(outcome.journals) {
            stage.complain("it was not tried: \(what)")
        }
        var check = ChaosCheck(
            plan, outcome.journals, stored: stored, letters: letters, changes: stage.changes,
            kicked: stage.control.kicked)
        check.add(stage.broken)
        let since = { (last: UInt64) in last > moment ? last - moment : 0 }
        let clients = LoadReport.count(plan.clients.count)
        let rate = LoadReport.count(Int(plan.rate))
        return Outcome(
            fault: fault.name, title: fault.title,
            load: "\(plan.rooms.count) rooms, \(clients) clients, \(rate)/s, \(plan.gateways.count) gateways",
            sent: outcome.sent, accepted: check.accepted, delivered: outcome.delivered, lost: check.lost,
            doubled: check.doubled, reordered: check.reordered,
            moves: outcome.journals.reduce(0) { $0 + $1.moves }, answers: since(outcome.late.answer),
            deliveries: since(outcome.late.delivery), saved: since(outcome.late.saved), broken: check.broken)
    }

    private var settings: [String: String] {
        [
            "SHOOT_STOMP_HEARTBEAT_MILLISECONDS": "\(options.heartBeat)", "SHOOT_ROOMS_BACKLOG_LIMIT": "10000",
            "SHOOT_PERSISTER_LEASE_MILLISECONDS": "\(options.lease)",
        ]
    }
}
