import Application
import EventLoop
import WireProtocols

/// Holds the answers to publishes back until enough replicas have what was written: one WAIT serves all that one turn
/// of the loop has sent. Confined to its connection's loop.
///
/// WAIT blocks its connection until the replicas have answered, so that connection is for publishing alone.
final class ReplicaConfirmation {
    /// How many replicas must have a message, and how long they have for it.
    struct Demand: Sendable {
        let replicas: Int
        let milliseconds: UInt64
    }

    /// Who waits for what became of a call's messages.
    typealias Completion = (Result<[PublishOutcome], RoomLogError>) -> Void

    private let connection: RedisConnection
    private let demand: Demand
    /// Answers that no WAIT has covered yet.
    private var held: [(outcomes: [PublishOutcome], completion: Completion)] = []
    private var waitsInFlight = 0
    private var isScheduled = false

    init(_ connection: RedisConnection, _ demand: Demand) {
        self.connection = connection
        self.demand = demand
    }

    /// A publish has been sent: a WAIT goes out behind it, in the next turn.
    func published() {
        guard !isScheduled else { return }
        isScheduled = true
        let bound = LoopBound(self, on: connection.loop)
        connection.loop.execute { bound.value.wait() }
    }

    /// A publish was answered: its caller is told when the WAIT behind it is.
    ///
    /// Replies come in order, so a WAIT that is still in flight was sent behind this publish. Where none is, the publish
    /// itself was sent again after its own (`NOSCRIPT`): it gets another.
    func hold(_ outcomes: [PublishOutcome], completion: @escaping Completion) {
        held.append((outcomes, completion))
        if waitsInFlight == 0 {
            published()
        }
    }

    private func wait() {
        isScheduled = false
        waitsInFlight += 1
        let milliseconds = demand.milliseconds
        connection.send(timeoutMilliseconds: milliseconds + RedisLimits.commandMilliseconds) { writer in
            writer.command(3)
            writer.bulk("WAIT")
            writer.bulk(decimal: UInt64(demand.replicas))
            writer.bulk(decimal: milliseconds)
        } completion: { [self] result in
            waitsInFlight -= 1
            let covered = held
            held = []
            for call in covered {
                call.completion(answer(call.outcomes, result.map { $0.decimal ?? 0 }))
            }
        }
    }

    private func answer(
        _ outcomes: [PublishOutcome], _ replicas: Result<UInt64, RedisError>
    ) -> Result<[PublishOutcome], RoomLogError> {
        switch replicas {
        // The connection is lost, perhaps with the primary: the same call again tells what became of it.
        case .failure: return .failure(.outcomeUnknown)
        case .success(let count) where count >= demand.replicas: return .success(outcomes)
        case .success:
            return .success(outcomes.map { if case .inLog = $0 { .unconfirmed } else { $0 } })
        }
    }
}
