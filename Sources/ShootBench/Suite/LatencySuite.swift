import Launcher

/// Measures how long things take at a load that leaves the machine room.
struct LatencySuite {
    let stack: BenchStack
    let repeats: Int
    let seconds: Double

    /// Rooms of ten, each message read by ten, the connections spread over two gateways.
    private static let rooms = 100
    private static let subscribers = 10
    private static let rate = 1000.0

    /// L1: deliveries across two gateways.
    func deliveries() async throws -> [LoadResult] {
        let crowd = try await Crowd.make(stack, rooms: Self.rooms, subscribers: Self.subscribers)
        var results: [LoadResult] = []
        for _ in 1...repeats {
            results.append(try await run(crowd, followsStatus: false))
        }
        return results
    }

    /// L1 while nothing is stored: what Redis' core is like without persister and MongoDB.
    func unstored() async throws -> LoadResult {
        let crowd = try await Crowd.make(stack, rooms: Self.rooms, subscribers: Self.subscribers)
        return try await run(crowd, followsStatus: false, storesMeanwhile: false)
    }

    /// From SEND to each step that its sender is told.
    func statusTrail() async throws -> LoadResult {
        let crowd = try await Crowd.make(stack, rooms: Self.rooms, subscribers: Self.subscribers)
        return try await run(crowd, followsStatus: true)
    }

    private func run(
        _ crowd: Crowd, followsStatus: Bool, storesMeanwhile: Bool = true
    ) async throws -> LoadResult {
        try stack.start(gateways: 2, persister: storesMeanwhile)
        defer { stack.stopProcesses() }
        var plan = LoadPlan(endpoints: [], rooms: crowd.rooms)
        for gateway in stack.gateways {
            plan.endpoints.append(try Endpoint(gateway.url))
        }
        plan.tokens = crowd.tokens
        plan.subscribersPerRoom = Self.subscribers
        plan.rate = Self.rate
        plan.seconds = seconds
        plan.warmUp = 2
        plan.followsStatus = followsStatus
        plan.servers = stack.gateways.map(\.process.pid)
        let result = try LoadRun(plan, progress: Progress(followsStatus ? "status trail" : "L1")).run()
        if !storesMeanwhile {
            try stack.startPersister()
        }
        try await stack.settle(crowd.rooms)
        return result
    }
}
