/// Something that breaks, and how long it stays so.
struct Fault: Sendable {
    let name: String
    /// What is done, as the report says it.
    let title: String
    /// How long it lasts, s, in a run of so many; 0 where it is over at once.
    let outage: @Sendable (_ seconds: Double) -> Double
    /// Clients for each gateway, where the fault wants a number of its own.
    var clientsPerGateway: Int?
    /// Whether Redis is reached through a proxy that can cut it off.
    var cutsRedis = false
    /// Breaks it, mends it, and gives the moment from which the time to recover counts, ns.
    let inject: @Sendable (ChaosStage) async throws -> UInt64

    /// All of them, in the order of the report.
    static let all: [Fault] = gatewayFaults + persisterFaults + storeFaults + messageFaults
}
