import Launcher

/// Measures fan-out scenarios on a gateway and on the plain server, in turns.
struct FanOutSuite {
    let stack: BenchStack
    let repeats: Int
    let seconds: Double

    /// What came of a scenario.
    struct Outcome {
        let scenario: Scenario
        var gateway: [LoadResult] = []
        var plain: [LoadResult] = []
        /// The highest rate at which nothing was lost and p99 stayed under 200 ms; nil where none was looked for.
        var ceiling: LoadResult?
        var plainCeiling: LoadResult?

        var gatewayCost: Runs { Runs(gateway.map(\.serverNanosecondsPerDelivery)) }
        var plainCost: Runs { Runs(plain.map(\.serverNanosecondsPerDelivery)) }
        var ratio: Double { gatewayCost.median / max(plainCost.median, 1) }
        var isComplete: Bool { (gateway + plain).allSatisfy(\.isComplete) }
    }

    func run(_ scenario: Scenario) async throws -> Outcome {
        var outcome = Outcome(scenario: scenario)
        let crowd = try await Crowd.make(stack, rooms: scenario.rooms, subscribers: scenario.subscribers)
        for turn in 1...repeats {
            let result = try await onGateway(scenario, crowd, rate: scenario.rate, turn)
            outcome.gateway.append(result)
            let frame = Int(result.bytesMeasured / max(result.deliveriesMeasured, 1)) - 4
            outcome.plain.append(try onPlain(scenario, crowd, rate: scenario.rate, frameBytes: frame, turn))
        }
        let frame = Int((outcome.gateway[0].bytesMeasured) / max(outcome.gateway[0].deliveriesMeasured, 1)) - 4
        outcome.ceiling = try await ceiling(from: scenario.rate * 1.5) {
            try await onGateway(scenario, crowd, rate: $0, 0)
        }
        outcome.plainCeiling = try await ceiling(from: scenario.rate * 2) {
            try onPlain(scenario, crowd, rate: $0, frameBytes: frame, 0)
        }
        return outcome
    }

    /// Raises the rate by half until it is not sustained, then tries between; lowers it first where it begins too high.
    private func ceiling(from start: Double, _ measure: (Double) async throws -> LoadResult) async throws -> LoadResult?
    {
        var best: LoadResult?
        var rate = start
        var step = 1.5
        for _ in 0..<12 {
            let result = try await measure(rate)
            let isSustained = result.isComplete && result.failed == 0 && result.latency.quantile(0.99) < 200_000_000
            if isSustained {
                // What is half as much again was too much before.
                step = rate < start ? 1.15 : step
                best = result
                rate *= step
            } else if best == nil {
                rate /= step
            } else {
                guard step > 1.2 else { break }
                rate /= step
                step = 1.15
                rate *= step
            }
        }
        return best
    }

    private func onGateway(
        _ scenario: Scenario, _ crowd: Crowd, rate: Double, _ turn: Int
    ) async throws -> LoadResult {
        try stack.start()
        defer { stack.stopProcesses() }
        var plan = scenario.plan(
            [try Endpoint(stack.gateways[0].url)], crowd, rate: rate, seconds: seconds)
        plan.servers = stack.gateways.map(\.process.pid)
        plan.stages = stack.stages
        var result = try LoadRun(plan, progress: Progress("\(scenario.name) gateway at \(Int(rate))/s")).run()
        try await stack.settle(crowd.rooms)
        result.storedAfter = monotonicNanoseconds() - result.publishedUntil
        return result
    }

    private func onPlain(
        _ scenario: Scenario, _ crowd: Crowd, rate: Double, frameBytes: Int, _ turn: Int
    ) throws -> LoadResult {
        let server = try PlainProcess(frameBytes: frameBytes)
        defer { server.stop() }
        var plan = scenario.plan([try Endpoint(server.url)], crowd, rate: rate, seconds: seconds)
        plan.servers = [server.process.pid]
        return try LoadRun(plan, progress: Progress("\(scenario.name) plain at \(Int(rate))/s")).run()
    }
}
