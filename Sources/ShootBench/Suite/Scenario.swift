/// A fan-out scenario: how many rooms, who is in them, how much is said.
struct Scenario {
    let name: String
    let title: String
    let rooms: Int
    let subscribers: Int
    let publishers: Int
    /// Messages a second at which gateway and plain server are compared.
    let rate: Double
    /// What the gateway's CPU for a delivery may be, as a multiple of the plain server's; nil: none is set.
    let target: Double?

    static let all = [
        Scenario(
            name: "F1", title: "1 room, 1,000 subscribers, 1 publisher", rooms: 1, subscribers: 1000, publishers: 1,
            rate: 100, target: 1.25),
        Scenario(
            name: "F2", title: "100 rooms, 100 subscribers each, 100 publishers", rooms: 100, subscribers: 100,
            publishers: 1, rate: 1000, target: 1.25),
        Scenario(
            name: "F3", title: "1,000 rooms, 5 subscribers each, all publish", rooms: 1000, subscribers: 5,
            publishers: 5, rate: 5000, target: nil),
    ]

    /// The load on servers at these addresses.
    func plan(_ endpoints: [Endpoint], _ crowd: Crowd, rate: Double, seconds: Double) -> LoadPlan {
        var plan = LoadPlan(endpoints: endpoints, rooms: crowd.rooms)
        plan.tokens = crowd.tokens
        plan.subscribersPerRoom = subscribers
        plan.publishersPerRoom = publishers
        plan.rate = rate
        plan.seconds = seconds
        return plan
    }
}

/// Rooms, and a token for each connection to them.
struct Crowd {
    let rooms: [String]
    let tokens: [String]

    /// New users in new rooms: for each group of rooms its own users.
    static func make(
        _ stack: BenchStack, rooms: Int, subscribers: Int, roomsPerConnection: Int = 1
    ) async throws -> Crowd {
        let groups = (rooms + roomsPerConnection - 1) / roomsPerConnection
        let users = try await stack.users(groups * subscribers)
        let members = (0..<rooms).map { room in
            let first = room / roomsPerConnection * subscribers
            return users[first..<(first + subscribers)].map(\.id)
        }
        return Crowd(rooms: try await stack.rooms(members), tokens: users.map(\.token))
    }
}
