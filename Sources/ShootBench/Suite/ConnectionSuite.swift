import Glibc
import Launcher

/// Measures what connections cost.
struct ConnectionSuite {
    let stack: BenchStack
    let repeats: Int
    let seconds: Double

    /// What idle connections come to.
    struct Idle {
        let connections: Int
        /// Of the gateway, before and with them.
        let before, with: UInt64

        var bytesEach: Double { Double(with - min(with, before)) / Double(connections) }
    }

    /// M1: connections that are subscribed to a room and say nothing.
    func idle(_ count: Int) async throws -> Idle {
        let perRoom = 100
        let crowd = try await Crowd.make(stack, rooms: count / perRoom, subscribers: perRoom)
        try stack.start(persister: false)
        defer { stack.stopProcesses() }
        let gateway = stack.gateways[0]
        // One goes before, so that what is made once is not counted as theirs.
        let warmUp = try LoadRun(plan(gateway, crowd, rooms: 1, perRoom), progress: Progress())
        try warmUp.open()
        let before = ProcessUsage.residentBytes(of: gateway.process.pid)
        let run = try LoadRun(
            plan(gateway, crowd, rooms: crowd.rooms.count - 1, perRoom), progress: Progress("M1"))
        try run.open()
        usleep(1_500_000)
        let with = ProcessUsage.residentBytes(of: gateway.process.pid)
        return Idle(connections: run.connections.count, before: before, with: with)
    }

    /// C1: connect, subscribe, disconnect.
    func cycles() async throws -> (gateway: Runs, plain: Runs) {
        let crowd = try await Crowd.make(stack, rooms: 1, subscribers: 64)
        var gateway: [Double] = []
        var plain: [Double] = []
        for _ in 1...repeats {
            try stack.start(persister: false)
            gateway.append(
                try CycleRun(
                    endpoint: try Endpoint(stack.gateways[0].url), room: crowd.rooms[0], tokens: crowd.tokens
                ).run(seconds: seconds))
            stack.stopProcesses()
            let server = try PlainProcess(frameBytes: 0)
            defer { server.stop() }
            plain.append(
                try CycleRun(endpoint: try Endpoint(server.url), room: crowd.rooms[0], tokens: crowd.tokens)
                    .run(seconds: seconds))
        }
        return (Runs(gateway), Runs(plain))
    }

    private func plan(_ gateway: BenchStack.Gateway, _ crowd: Crowd, rooms: Int, _ perRoom: Int) throws -> LoadPlan {
        var plan = LoadPlan(endpoints: [try Endpoint(gateway.url)], rooms: Array(crowd.rooms.suffix(rooms)))
        plan.tokens = Array(crowd.tokens.suffix(rooms * perRoom))
        plan.subscribersPerRoom = perRoom
        return plan
    }
}
