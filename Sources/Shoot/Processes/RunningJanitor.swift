import Application
import Domain
import Redis
import Telemetry

/// A janitor at work: round after round as long as it holds the lock, standing by as long as another does.
struct RunningJanitor: Sendable {
    private let janitor: Janitor
    private let lock: DistributedLock
    private let periodMilliseconds: UInt64
    private let metrics: JanitorMetrics
    private let logger: Logger
    private let clock: @Sendable () -> UInt64

    /// - Parameter client: what the lock goes over.
    init(
        _ configuration: Configuration, janitor: Janitor, client: RedisClient, metrics: JanitorMetrics, logger: Logger
    ) {
        self.janitor = janitor
        self.metrics = metrics
        self.logger = logger
        periodMilliseconds = UInt64(configuration.janitor.periodMilliseconds)
        clock = runningClock()
        lock = DistributedLock(
            name: "janitor", client: client,
            // Renewed before each round: it has to outlast the pause before and a step of the round.
            leaseMilliseconds: periodMilliseconds + RunningJanitor.stepMilliseconds,
            environment: DistributedLock.Environment(
                now: clock, pause: { try? await Task.sleep(for: .milliseconds($0)) },
                random: { UInt64.random(in: .min ... .max) }))
    }

    /// Longer than one step of a round takes: Redis and MongoDB have some seconds each to answer it.
    private static let stepMilliseconds: UInt64 = 20_000
    /// How long the lock is held before it is renewed within a round, ms.
    private static let renewMilliseconds: UInt64 = 2000

    /// Works until the task is cancelled; gives the lock back then.
    func run() async {
        while !Task.isCancelled {
            if let hold = try? await lock.acquire() {
                logger.info("janitor.begins", ["fence": .integer(Int64(hold.fence))])
                await work(hold)
                metrics.standBy()
                await hold.release()
            }
            await pause()
        }
    }

    /// Round after round until the lock is lost or the task cancelled.
    private func work(_ hold: LockHold) async {
        while !Task.isCancelled, await renews(hold) {
            var renewed = clock()
            do throws(RoomLogError) {
                let report = try await janitor.run {
                    guard !Task.isCancelled else { return false }
                    guard clock() - renewed >= RunningJanitor.renewMilliseconds else { return hold.isHeld }
                    renewed = clock()
                    return await renews(hold)
                }
                metrics.count(.success(report), logger: logger)
            } catch {
                metrics.count(.failure(error), logger: logger)
            }
            await pause()
        }
    }

    private func renews(_ hold: LockHold) async -> Bool {
        do throws(LockError) {
            try await hold.renew()
            return true
        } catch {
            logger.warning("janitor.lock_lost", ["cause": .string("\(error)")])
            return false
        }
    }

    private func pause() async { try? await Task.sleep(for: .milliseconds(periodMilliseconds)) }
}
