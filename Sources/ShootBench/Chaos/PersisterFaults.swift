import Glibc
import Launcher

extension Fault {
    static let persisterFaults = [
        Fault(
            name: "persister-kill", title: "persisters are killed in mid-batch, again and again, and started again",
            outage: { $0 / 2 }, inject: killPersisters),
        Fault(
            name: "persister-stop", title: "persisters are stopped past their lease, again and again, and go on",
            outage: { $0 / 2 },
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

    /// Again and again, so that it is in mid-batch at least once.
    @Sendable private static func stopPersister(_ stage: ChaosStage) async throws -> UInt64 {
        let end = ContinuousClock.now + stage.outage
        var moment = monotonicNanoseconds()
        repeat {
            let victim = stage.persisters[stage.choose(stage.persisters.count)]
            moment = monotonicNanoseconds()
            victim.kill(SIGSTOP)
            try await stage.wait(stage.lease * 5 / 4)
            victim.kill(SIGCONT)
            try await stage.wait(.milliseconds(100 + stage.choose(400)))
        } while ContinuousClock.now < end
        return moment
    }
}
