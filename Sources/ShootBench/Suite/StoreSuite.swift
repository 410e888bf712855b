import Application
import Domain
import Glibc
import Launcher
import Mongo

/// Measures what goes in and out of the stores.
struct StoreSuite {
    let stack: BenchStack
    let seconds: Double

    /// How fast messages become stored.
    struct Persisting {
        let messages: Int
        let persister: Double
        /// Messages a second that a loop of bulk writes reaches by itself.
        let bare: Double
    }

    /// A page of history and the list of rooms, at 500 requests a second each.
    func rest() async throws -> (history: LatencyHistogram, roomList: LatencyHistogram) {
        let crowd = try await Crowd.make(stack, rooms: 100, subscribers: 20, roomsPerConnection: 100)
        try stack.start()
        defer { stack.stopProcesses() }
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.subscribersPerRoom = 20
        plan.roomsPerConnection = 100
        plan.rate = 2000
        plan.seconds = 4
        _ = try LoadRun(plan, progress: Progress("REST: filling rooms")).run()
        try await stack.settle(crowd.rooms)
        let endpoint = try Endpoint(stack.gateways[0].url)
        let pages = crowd.rooms.map { "/api/v1/chatrooms/\($0)/messages?limit=50" }
        return (try get(pages, endpoint, crowd), try get(["/api/v1/chatrooms?limit=20"], endpoint, crowd))
    }

    private func get(_ paths: [String], _ endpoint: Endpoint, _ crowd: Crowd) throws -> LatencyHistogram {
        let run = try HTTPRun(endpoint: endpoint, paths: paths, tokens: crowd.tokens)
        try run.run(rate: 500, seconds: seconds)
        guard run.refused == 0 else { throw BenchError.failed("\(run.refused) of the requests were refused") }
        return run.latency
    }

    /// Fills the logs while no persister runs, then times one that stores it all; beside it, bare bulk writes.
    func persisting() async throws -> Persisting {
        let crowd = try await Crowd.make(stack, rooms: 100, subscribers: 1)
        try stack.start(persister: false)
        defer { stack.stopProcesses() }
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.rate = 8000
        plan.warmUp = 0
        plan.seconds = 10
        let filled = try LoadRun(plan, progress: Progress("persister: filling the logs")).run()
        let start = monotonicNanoseconds()
        try stack.startPersister()
        try await stack.settle(crowd.rooms)
        let time = Double(monotonicNanoseconds() - start) / 1e9
        let bare = try BareInserts.run(url: stack.stack.mongoURL, count: 50_000, batch: 512)
        return Persisting(messages: Int(filled.sent), persister: Double(filled.sent) / time, bare: bare)
    }
}
