import Launcher

/// Measures whether a delivery costs the same when there is more of everything.
struct GrowthSuite {
    let stack: BenchStack
    let seconds: Double

    /// The cost at one size.
    struct Point {
        let size: Int
        let nanoseconds: Double
        let isComplete: Bool
    }

    /// Groups of connections as rooms grow: the fewest rooms.
    private static let groups = 10
    /// Connections of a group, which are the readers of each of its rooms.
    private static let readers = 2

    /// Rooms that are open on a gateway, spoken in one after the other.
    ///
    /// Connections, messages a second and readers of each are the same at every size: ten pairs of connections share the
    /// rooms out among themselves.
    func rooms(_ sizes: [Int]) async throws -> [Point] {
        var points: [Point] = []
        for size in sizes {
            let perConnection = size / Self.groups
            let crowd = try await Crowd.make(
                stack, rooms: size, subscribers: Self.readers, roomsPerConnection: perConnection)
            points.append(
                try await measure(
                    size, crowd, subscribers: Self.readers, roomsPerConnection: perConnection, rate: 1000))
        }
        return points
    }

    /// Connections to one gateway, in rooms of ten.
    func connections(_ sizes: [Int]) async throws -> [Point] {
        var points: [Point] = []
        for size in sizes {
            let crowd = try await Crowd.make(stack, rooms: size / 10, subscribers: 10)
            points.append(try await measure(size, crowd, subscribers: 10, roomsPerConnection: 1, rate: 1000))
        }
        return points
    }

    /// Participants of one room, all connected, up to 10,000.
    func participants(_ sizes: [Int]) async throws -> [Point] {
        var points: [Point] = []
        for size in sizes {
            let crowd = try await Crowd.make(stack, rooms: 1, subscribers: size)
            let rate = min(1000, 50_000 / Double(size))
            points.append(try await measure(size, crowd, subscribers: size, roomsPerConnection: 1, rate: rate))
        }
        return points
    }

    private func measure(
        _ size: Int, _ crowd: Crowd, subscribers: Int, roomsPerConnection: Int, rate: Double
    ) async throws -> Point {
        try stack.start(settings: ["SHOOT_STOMP_MAX_SUBSCRIPTIONS": "10000"])
        defer { stack.stopProcesses() }
        var plan = LoadPlan(endpoints: [try Endpoint(stack.gateways[0].url)], rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.subscribersPerRoom = subscribers
        plan.roomsPerConnection = roomsPerConnection
        plan.rate = rate
        plan.seconds = seconds
        plan.servers = stack.gateways.map(\.process.pid)
        let result = try LoadRun(plan, progress: Progress("growth to \(size)")).run()
        try await stack.settle(crowd.rooms)
        return Point(
            size: size, nanoseconds: result.serverNanosecondsPerDelivery, isComplete: result.isComplete)
    }
}
