import Glibc
import Launcher

/// What a fault works on: a Shoot under load. Confined to the task of its run.
final class ChaosStage {
    let bench: BenchStack
    let plan: ChaosPlan
    let control: ChaosControl
    /// How long the fault is to last.
    let outage: Duration
    /// How long a persister holds what it has claimed.
    let lease: Duration
    /// What the processes were started with.
    let settings: [String: String]
    let proxy: CutProxy?
    var persisters: [ChildProcess]
    var random: SeededRandom
    /// Dead letters that nothing more is done with, as `shoot dlq` names them.
    var leftDead: Set<String> = []
    /// What was changed over REST.
    var changes = ChangeBook()
    /// What the clients' journals have to show: that what was to happen did.
    private(set) var expectations: [(what: String, holds: @Sendable ([Journal]) -> Bool)] = []
    /// What was promised and not kept, beside what the clients can tell.
    private(set) var broken: [String] = []

    init(
        _ bench: BenchStack, plan: ChaosPlan, control: ChaosControl, outage: Duration, lease: Duration,
        settings: [String: String],
        proxy: CutProxy?, persisters: [ChildProcess]
    ) {
        self.bench = bench
        self.plan = plan
        self.control = control
        self.outage = outage
        self.lease = lease
        self.settings = settings
        self.proxy = proxy
        self.persisters = persisters
        random = SeededRandom(seed: plan.seed ^ 0xfa17)
    }

    /// Says that something is not as promised.
    func complain(_ text: String) { broken.append(text) }

    /// Says what the clients' journals have to show in the end.
    func expect(_ what: String, _ holds: @escaping @Sendable ([Journal]) -> Bool) {
        expectations.append((what, holds))
    }

    /// Lets the fault last.
    func wait(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

    /// One of so many, by the seed.
    func choose(_ count: Int) -> Int { Int(random.next(upperBound: UInt(count))) }

    /// Waits until a condition holds, looking again and again.
    func wait(for what: String, within limit: Duration, _ condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while try !condition() {
            guard ContinuousClock.now < end else { throw BenchError.failed("\(what): not within \(limit)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Puts a client out of its room, by the room's owner and a gateway; whether that was answered with success.
    func kick(_ client: Int, by gateway: BenchStack.Gateway) -> Bool {
        let room = plan.room(of: client)
        control.kick(client)
        let path = "/api/v1/chatrooms/\(plan.rooms[room])/participants/\(plan.clients[client].user)"
        let owner = plan.clients[plan.client(room: room, slot: 0)]
        return HTTPCall.status("DELETE", path, port: gateway.port, token: owner.token) == 200
    }
}
