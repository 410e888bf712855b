import Glibc
import Launcher

extension Fault {
    static let gatewayFaults = [
        Fault(
            name: "gateway-kill", title: "a gateway is killed (SIGKILL)", outage: { _ in 0 }, clientsPerGateway: 2000,
            inject: killGateway),
        Fault(
            name: "gateway-stop", title: "a gateway is stopped (SIGSTOP), users are kicked meanwhile, it goes on",
            outage: { $0 * 1.5 }, inject: stopGateway),
        Fault(
            name: "rolling-restart", title: "every gateway in turn is ended (SIGTERM) and started again",
            outage: { _ in 0 }, inject: restartGateways),
    ]

    @Sendable private static func killGateway(_ stage: ChaosStage) async throws -> UInt64 {
        let victim = stage.bench.gateways[stage.choose(stage.bench.gateways.count)]
        let moment = monotonicNanoseconds()
        victim.process.terminate(grace: .zero)
        return moment
    }

    /// Who is kicked is on the gateway that does not hear of it, with a connection that stays.
    @Sendable private static func stopGateway(_ stage: ChaosStage) async throws -> UInt64 {
        let index = stage.choose(stage.bench.gateways.count)
        let victim = stage.bench.gateways[index]
        let other = stage.bench.gateways[(index + 1) % stage.bench.gateways.count]
        victim.process.kill(SIGSTOP)
        try await stage.wait(stage.outage / 4)
        let there = stage.plan.clients.indices.filter { client in
            stage.plan.slot(of: client) > 0 && stage.plan.firstGateway(of: client) == index
        }
        var kickedRooms: Set<Int> = []
        for client in there where kickedRooms.count < 4 {
            guard kickedRooms.insert(stage.plan.room(of: client)).inserted else { continue }
            if !stage.kick(client, by: other) {
                stage.complain("kick: it was not answered with success")
            }
        }
        try await stage.wait(stage.outage * 3 / 4)
        victim.process.kill(SIGCONT)
        return monotonicNanoseconds()
    }

    @Sendable private static func restartGateways(_ stage: ChaosStage) async throws -> UInt64 {
        var moment = monotonicNanoseconds()
        for index in stage.bench.gateways.indices {
            let process = stage.bench.gateways[index].process
            moment = monotonicNanoseconds()
            process.kill(SIGTERM)
            let end = ContinuousClock.now + .seconds(35)
            while process.isRunning, ContinuousClock.now < end {
                try await stage.wait(.milliseconds(20))
            }
            if process.exitStatus != .exited(0) {
                stage.complain("drain: gateway-\(index + 1) \(process.exitStatus.map { "\($0)" } ?? "still runs")")
                process.terminate(grace: .zero)
            }
            try stage.bench.restartGateway(index, settings: stage.settings)
            try await stage.wait(.seconds(1))
        }
        return moment
    }
}
