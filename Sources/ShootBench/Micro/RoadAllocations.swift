import Glibc
import Launcher

/// How many allocations a message takes on its road through a real gateway and a real persister.
struct RoadAllocations {
    let stack: BenchStack

    private static let messages = 2000.0
    private static let perSecond = 500.0
    private static let crowd = 101

    /// What is counted, by the name that it has in the thresholds.
    func run() async throws -> [(name: String, allocations: Double)] {
        let gatewayCount = AllocationCount(stack.file("gateway.allocations"))
        let persisterCount = AllocationCount(stack.file("persister.allocations"))
        try stack.start(persister: false, settings: try gatewayCount.environment())
        try stack.startPersister(settings: try persisterCount.environment())
        defer { stack.stopProcesses() }
        let alone = try await perMessage(gatewayCount, subscribers: 1)
        let together = try await perMessage(gatewayCount, subscribers: Self.crowd)
        return [
            ("gateway.message", alone), ("gateway.delivery", (together - alone) / Double(Self.crowd - 1)),
            ("persister.message", try await perStoredMessage(persisterCount)),
        ]
    }

    /// Each message on a turn of its own: what a quiet gateway does, and the most that a message can take.
    private func perMessage(_ count: AllocationCount, subscribers: Int) async throws -> Double {
        let (run, plan) = try await prepare(subscribers: subscribers, rate: Self.perSecond)
        try run.open()
        let before = count.value
        _ = try run.finish()
        let after = count.value
        try await stack.settle(plan.rooms)
        return Double(after - before) / Self.messages
    }

    /// The persister stands still while the log fills, then stores in full rounds.
    private func perStoredMessage(_ count: AllocationCount) async throws -> Double {
        guard let persister = stack.persister else { throw BenchError.failed("the persister is not there") }
        let (run, plan) = try await prepare(subscribers: 1, rate: 2 * Self.perSecond)
        persister.kill(SIGSTOP)
        let result = try run.run()
        let before = count.value
        persister.kill(SIGCONT)
        try await stack.settle(plan.rooms)
        return Double(count.value - before) / Double(result.sent)
    }

    private func prepare(subscribers: Int, rate: Double) async throws -> (LoadRun, LoadPlan) {
        let crowd = try await Crowd.make(stack, rooms: 1, subscribers: subscribers)
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.subscribersPerRoom = subscribers
        plan.rate = rate
        plan.warmUp = 0
        plan.seconds = Self.messages / rate
        return (try LoadRun(plan, progress: Progress("allocations")), plan)
    }
}
