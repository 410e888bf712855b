import Bytes
import Domain
import Telemetry
import WireProtocols

/// One thing that a process needs, asked whether it is well.
public struct HealthCheck: Sendable {
    /// What it is called in the answer, such as `redis`.
    public let name: String
    /// What is wrong with it; nil: nothing.
    public let fault: @Sendable () async -> String?

    public init(_ name: String, fault: @escaping @Sendable () async -> String?) {
        self.name = name
        self.fault = fault
    }
}

/// `/health/live`, `/health/ready` and `/metrics`, for operators and balancers.
public struct HealthRoutes: Sendable {
    private let checks: [HealthCheck]
    private let registry: MetricsRegistry

    /// `ready` answers 200 where none of `checks` finds a fault.
    public init(checks: [HealthCheck], registry: MetricsRegistry) {
        self.checks = checks
        self.registry = registry
    }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        router.on(.get, "/health/live") { _ in .success { $0.append("{\"status\":\"UP\"}") } }
        router.on(.get, "/health/ready") { _ in await ready() }
        router.on(.get, "/metrics") { [registry] _ in
            HTTPResponse(status: 200, contentType: "text/plain; version=0.0.4", body: registry.exposition())
        }
    }

    private func ready() async -> HTTPResponse {
        let faults = await withTaskGroup(of: (Int, String?).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.fault()) }
            }
            var faults: [String?] = Array(repeating: nil, count: checks.count)
            for await (index, fault) in group {
                faults[index] = fault
            }
            return faults
        }
        let isReady = faults.allSatisfy { $0 == nil }
        return .success(status: isReady ? 200 : 503) { out in
            out.append(isReady ? "{\"status\":\"UP\"" : "{\"status\":\"DOWN\"")
            for (check, fault) in zip(checks, faults) {
                out.append(ASCII.comma)
                out.append(jsonString: check.name)
                out.append(":{\"status\":\"")
                out.append(fault == nil ? "UP" : "DOWN")
                out.append("\"")
                if let fault {
                    out.append(",\"fault\":")
                    out.append(jsonString: fault)
                }
                out.append("}")
            }
            out.append("}")
        }
    }
}
