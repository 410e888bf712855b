/// Runs workers over the shards that have something to persist, until it is told to stop.
public struct Persister: Sendable {
    private let worker: PersistWorker
    private let schedule: ShardSchedule
    private let workers: Int
    private let roomsPerShard: Int
    private let pause: @Sendable (_ milliseconds: UInt64) async -> Void
    private let report: @Sendable (PersistWorker.Report) -> Void

    /// How long workers rest after Redis did not answer, ms.
    static let restMilliseconds: UInt64 = 250

    /// - Parameters:
    ///   - workers: rounds that run at once: while one waits for MongoDB another reads Redis.
    ///   - roomsPerShard: how many rooms of a shard one claim takes; where it took as many, there may be more.
    ///   - pause: waits; a parameter so that tests do not.
    ///   - report: told of every round.
    public init(
        worker: PersistWorker, schedule: ShardSchedule, workers: Int, roomsPerShard: Int,
        pause: @escaping @Sendable (_ milliseconds: UInt64) async -> Void,
        report: @escaping @Sendable (PersistWorker.Report) -> Void
    ) {
        self.worker = worker
        self.schedule = schedule
        self.workers = workers
        self.roomsPerShard = roomsPerShard
        self.pause = pause
        self.report = report
    }

    /// Works until the schedule is closed; returns when the rounds under way have ended.
    public func run() async {
        await withTaskGroup { group in
            for _ in 0..<workers {
                group.addTask { await work() }
            }
        }
    }

    private func work() async {
        while !schedule.isClosed {
            let shards = await schedule.take()
            guard !shards.isEmpty else { continue }
            let round = await worker.run(shards: shards)
            report(round)
            for pause in round.pauses {
                Task {
                    await self.pause(pause.milliseconds)
                    schedule.mark(pause.shard)
                }
            }
            if round.logError != nil {
                await pause(Persister.restMilliseconds)
                shards.forEach(schedule.mark)
            } else if round.rooms >= roomsPerShard {
                // In another order, so that none is the last each time.
                shards.shuffled().forEach(schedule.mark)
            }
        }
    }
}
