/// Says that a gateway lives, so that nobody takes its groups away.
public struct GatewayHeartbeat: Sendable {
    private let client: RedisClient
    private let group: [UInt8]

    /// - Parameters:
    ///   - gateway: names this run of this gateway: `<gateway id>:<boot id>`.
    ///   - client: what it goes over; others may use it as well.
    public init(of gateway: String, over client: RedisClient) {
        self.client = client
        group = Array("gw:\(gateway)".utf8)
    }

    /// Says it once. Where Redis is away nobody else can take the gateway for dead either, and the next time comes soon.
    public func beat() async {
        let gateways = Array("\(RoomKeys.gateways)".utf8)
        _ = try? await client.eval(RoomScripts.heartbeat, keys: [gateways], arguments: [group])
    }
}
