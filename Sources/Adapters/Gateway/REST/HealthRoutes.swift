import Bytes
import Domain
import Telemetry
import WireProtocols

/// One thing that a process needs, asked whether it is well.
public struct HealthCheck: Sendable {
    /// What it is called in the answer, such as `redis`.
    public let name: String
    /// Asks it.
    public let look: @Sendable () async -> Health

    public init(_ name: String, look: @escaping @Sendable () async -> Health) {
        self.name = name
        self.look = look
    }
}

/// Whether something that a process needs works.
public struct Health: Sendable, Equatable {
    /// What is wrong with it; nil where it works.
    public let fault: String?
    /// What an operator should know although it works.
    public let warnings: [String]

    /// It works.
    public static func up(warnings: [String] = []) -> Health { Health(fault: nil, warnings: warnings) }

    /// It does not work.
    public static func down(_ fault: String) -> Health { Health(fault: fault, warnings: []) }
}

/// `/health/live`, `/health/ready` and `/metrics`, for operators and balancers.
public struct HealthRoutes: Sendable {
    private let checks: [HealthCheck]
    private let registry: MetricsRegistry
    private let isStopping: @Sendable () -> Bool

    /// `ready` answers 200 where none of `checks` finds a fault, and 503 from when the process stops.
    public init(checks: [HealthCheck], registry: MetricsRegistry, isStopping: @escaping @Sendable () -> Bool) {
        self.checks = checks
        self.registry = registry
        self.isStopping = isStopping
    }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        router.on(.get, "/health/live") { _ in .success { $0.append("{\"status\":\"UP\"}") } }
        router.on(.get, "/health/ready") { _ in await ready() }
        router.on(.get, "/metrics") { [registry] _ in
            HTTPResponse(status: 200, contentType: "text/plain; version=0.0.4", body: registry.exposition())
        }
    }

    /// A process that stops asks nobody: a store that is away must not keep a balancer waiting for the answer.
    private func ready() async -> HTTPResponse {
        if isStopping() {
            return Self.answer([("draining", .down("the process stops; its clients are told to move"))])
        }
        let found = await withTaskGroup(of: (Int, Health).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.look()) }
            }
            var found = checks.map { ($0.name, Health.up()) }
            for await (index, health) in group {
                found[index].1 = health
            }
            return found
        }
        return Self.answer(found)
    }

    private static func answer(_ found: [(name: String, health: Health)]) -> HTTPResponse {
        let isReady = found.allSatisfy { $0.health.fault == nil }
        return .success(status: isReady ? 200 : 503) { out in
            out.append(isReady ? "{\"status\":\"UP\"" : "{\"status\":\"DOWN\"")
            for (name, health) in found {
                out.append(ASCII.comma)
                out.append(jsonString: name)
                out.append(":{\"status\":\"")
                out.append(health.fault == nil ? "UP" : "DOWN")
                out.append("\"")
                if let fault = health.fault {
                    out.append(",\"fault\":")
                    out.append(jsonString: fault)
                }
                if !health.warnings.isEmpty {
                    out.append(",\"warnings\":[")
                    for (index, warning) in health.warnings.enumerated() {
                        out.append(index == 0 ? "" : ",")
                        out.append(jsonString: warning)
                    }
                    out.append("]")
                }
                out.append("}")
            }
            out.append("}")
        }
    }
}
