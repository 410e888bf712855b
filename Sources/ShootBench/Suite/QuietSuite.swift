import Glibc
import Launcher

/// Measures what rooms cost Redis while they are in use, and what is left of them when they have gone quiet.
struct QuietSuite {
    let stack: BenchStack
    let rooms: Int

    /// What Redis had allocated, in bytes.
    struct Outcome {
        let rooms: Int
        let before, warm, after: Int
    }

    /// Subscriptions of one session, below the 500 that it may have.
    private static let roomsPerConnection = 400
    private static let messagesPerSecond = 1000.0
    /// Long enough that no room leaves before all have been measured together, ms.
    private static let idleMilliseconds = 30_000
    /// How long nothing may leave before the janitor counts as stuck, in looks.
    private static let patience = 120

    func run() async throws -> Outcome {
        guard let redis = stack.stack.redis else { throw BenchError.failed("the Redis is not the suite's own") }
        let crowd = try await Crowd.make(
            stack, rooms: rooms, subscribers: 1, roomsPerConnection: Self.roomsPerConnection)
        // Rooms of other parts may still be in use, as far as the janitor knows.
        try RedisProbe.flush(port: redis.port)
        try stack.start(settings: [
            "SHOOT_JANITOR_PERIOD_MILLISECONDS": "1000",
            "SHOOT_JANITOR_ROOM_IDLE_MILLISECONDS": "\(Self.idleMilliseconds)",
        ])
        defer { stack.stopProcesses() }
        let before = try RedisProbe.usedMemory(port: redis.port)
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.roomsPerConnection = Self.roomsPerConnection
        plan.rate = Self.messagesPerSecond
        plan.warmUp = 0
        // Every room gets one message at least.
        plan.seconds = Double(rooms) / plan.rate + 1
        let result = try LoadRun(plan, progress: Progress("quiet: a message in each room")).run()
        guard result.isComplete else { throw BenchError.failed("not every message came") }
        try await stack.settle(crowd.rooms)
        let (warm, count) = (try RedisProbe.usedMemory(port: redis.port), try RedisProbe.warmRooms(port: redis.port))
        guard count == rooms else { throw BenchError.failed("\(count) of \(rooms) rooms are in Redis") }
        try awaitQuiet(port: redis.port)
        return Outcome(rooms: rooms, before: before, warm: warm, after: try RedisProbe.usedMemory(port: redis.port))
    }

    /// Waits until the janitor has taken out every room.
    private func awaitQuiet(port: UInt16) throws(BenchError) {
        let progress = Progress("quiet: waiting for the janitor")
        defer { progress.end() }
        var (left, looks) = (rooms, 0)
        while left > 0 {
            usleep(1_000_000)
            let now = try RedisProbe.warmRooms(port: port)
            looks = now < left ? 0 : looks + 1
            left = now
            progress.show("\(left) rooms are in Redis")
            guard looks < Self.patience else { throw .failed("\(left) rooms do not leave Redis") }
        }
        // What was unlinked is freed in the background.
        usleep(2_000_000)
    }
}
