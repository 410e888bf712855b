import Glibc
import Launcher

extension Fault {
    static let persisterFaults = [
        Fault(
            name: "persister-kill", title: "persisters are killed in mid-batch, again and again, and started again",
            outage: { $0 / 2 }, inject: killPersisters),
        Fault(
            name: "persister-stop", title: "a persister is stopped past its lease, and goes on", outage: { $0 / 2 },
            inject: stopPersister),
    ]

    /// At moments chosen at random: under load a batch is always under way.
    @Sendable private static func killPersisters(_ stage: ChaosStage) async throws -> UInt64 {
        let end = ContinuousClock.now + stage.outage
        var moment = monotonicNanoseconds()
        repeat {
            let index = stage.choose(stage.persisters.count)
            moment = monotonicNanoseconds()
            stage.persisters[index].terminate(grace: .zero)
            stage.persisters[index] = try stage.bench.startPersister(
                "persister-\(index + 1)", settings: stage.settings)
            try await stage.wait(.milliseconds(500 + stage.choose(1000)))
        } while ContinuousClock.now < end
        return moment
    }

    @Sendable private static func stopPersister(_ stage: ChaosStage) async throws -> UInt64 {
        let victim = stage.persisters[stage.choose(stage.persisters.count)]
        let moment = monotonicNanoseconds()
        victim.kill(SIGSTOP)
        try await stage.wait(stage.outage)
        victim.kill(SIGCONT)
        return moment
    }
}
