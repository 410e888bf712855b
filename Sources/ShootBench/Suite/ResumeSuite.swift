import Launcher

/// Measures what it takes when all clients come back at once, and what others notice of it.
struct ResumeSuite {
    let stack: BenchStack

    /// What came of it.
    struct Outcome {
        let clients: Int
        let missed: Int
        let latency: LatencyHistogram
        /// p99 of the deliveries of others, ns: without and with the clients coming back.
        let quiet, busy: Double
    }

    private static let rooms = 100
    private static let perRoom = 100
    private static let missed = 100

    func run() async throws -> Outcome {
        let crowd = try await Crowd.make(stack, rooms: Self.rooms, subscribers: Self.perRoom)
        let others = try await Crowd.make(stack, rooms: 20, subscribers: 10)
        try stack.start()
        defer { stack.stopProcesses() }
        try await fill(crowd)
        let quiet = try liveP99(try startLive(others, seconds: 3))
        let run = try ResumeRun(
            endpoint: try Endpoint(stack.gateways[0].url), crowd: crowd, perRoom: Self.perRoom, missed: Self.missed)
        try run.open()
        let live = try startLive(others, seconds: 4)
        // The others are to be at work when the clients come.
        try await Task.sleep(for: .seconds(2))
        try run.resume()
        return Outcome(
            clients: Self.rooms * Self.perRoom, missed: Self.missed, latency: run.latency, quiet: quiet,
            busy: try liveP99(live))
    }

    /// Says a hundred messages in each room.
    private func fill(_ crowd: Crowd) async throws {
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = stride(from: 0, to: crowd.tokens.count, by: Self.perRoom).map { crowd.tokens[$0] }
        plan.rate = 2500
        plan.warmUp = 0
        plan.seconds = Double(Self.rooms * Self.missed) / plan.rate
        let result = try LoadRun(plan, progress: Progress("resume: filling rooms")).run()
        guard result.sent == Self.rooms * Self.missed else {
            throw BenchError.failed("\(result.sent) messages were sent before the resume, not all")
        }
        try await stack.settle(crowd.rooms)
    }

    /// Begins live traffic of others, in a process of its own, as it has to go on while the clients come.
    private func startLive(_ crowd: Crowd, seconds: Int) throws -> ChildProcess {
        let (rooms, tokens) = (stack.file("live.rooms"), stack.file("live.tokens"))
        try TextFile.write(crowd.rooms.joined(separator: "\n"), to: rooms)
        try TextFile.write(crowd.tokens.joined(separator: "\n"), to: tokens)
        return try ChildProcess.start(
            "live traffic", executable: ExecutablePath.own(),
            arguments: [
                "load", "--url", stack.gateways[0].url, "--rooms", rooms, "--tokens", tokens, "--subscribers", "10",
                "--rate", "500", "--seconds", "\(seconds)", "--json",
            ], logFile: stack.file("live.json"))
    }

    private func liveP99(_ live: ChildProcess) throws -> Double {
        guard case .exited(0)? = live.waitForExit(within: .seconds(60)) else {
            live.terminate(grace: .zero)
            throw BenchError.failed("live traffic: \(live.logTail.joined(separator: " "))")
        }
        let json = TextFile.read(stack.file("live.json")) ?? ""
        guard let found = json.firstRange(of: #""p99":"#),
            let p99 = Double(json[found.upperBound...].prefix { $0.isNumber })
        else { throw BenchError.failed("live traffic tells no p99") }
        return p99
    }
}
