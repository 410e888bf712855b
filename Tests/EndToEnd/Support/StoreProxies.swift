import Foundation
import Support

/// Proxies before Redis and MongoDB, for those processes of a cluster that a test wants to hold up.
struct StoreProxies: Sendable {
    let redis: TCPProxy
    let mongo: TCPProxy

    /// Starts them before the stores that `environment` names.
    static func start(before environment: [String: String]) throws -> StoreProxies {
        try StoreProxies(
            redis: .start(to: port(of: environment["SHOOT_REDIS_URL"])),
            mongo: .start(to: port(of: environment["SHOOT_MONGODB_URL"])))
    }

    /// The settings of a process that talks to the stores through them.
    func redirect(_ environment: [String: String]) -> [String: String] {
        var environment = environment
        environment["SHOOT_REDIS_URL"] = Self.moved(environment["SHOOT_REDIS_URL"], to: redis.port)
        // Without that it would ask the replica set where it is, and go past the proxy.
        environment["SHOOT_MONGODB_URL"] = Self.moved(
            environment["SHOOT_MONGODB_URL"], to: mongo.port, query: "directConnection=true")
        return environment
    }

    func close() {
        redis.close()
        mongo.close()
    }

    private static func port(of url: String?) throws -> UInt16 {
        guard let port = url.flatMap({ URLComponents(string: $0)?.port }).flatMap(UInt16.init) else {
            throw ClientError.malformed("no port in \(url ?? "no URL")")
        }
        return port
    }

    private static func moved(_ url: String?, to port: UInt16, query: String? = nil) -> String? {
        guard var parts = url.flatMap({ URLComponents(string: $0) }) else { return nil }
        parts.port = Int(port)
        parts.query = query
        return parts.string
    }
}
