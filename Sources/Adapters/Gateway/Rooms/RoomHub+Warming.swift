import Application
import Domain
import EventLoop
import Telemetry

/// Loading rooms from MongoDB that are not in Redis.
extension RoomHub {
    /// Puts a room into Redis that is only in MongoDB; nil when it is there. However many wait for it, it is loaded once.
    func warm(_ id: RoomID, completion: @escaping (Refusal?) -> Void) {
        warming[id, default: []].append(completion)
        guard warming[id]?.count == 1 else { return }
        metrics.roomsWarmed.add()
        load(id, attempts: GatewayLimits.maxWarmAttempts)
    }

    /// The ticket comes first: what is read after it is known to be no older.
    private func load(_ id: RoomID, attempts: Int) {
        guard attempts > 0 else { return warmed(id, RoomHub.refusal(.stale)) }
        log.warmTicket(for: id) { [weak self] answer in
            guard let self else { return }
            switch answer {
            case .success(let ticket): read(id, ticket, attempts: attempts)
            case .failure(let error): warmed(id, RoomHub.refusal(error))
            }
        }
    }

    private func read(_ id: RoomID, _ ticket: WarmTicket, attempts: Int) {
        let (rooms, loop) = (self.rooms, self.loop)
        let hub = LoopBound(self, on: loop)
        Task {
            let result: Result<WarmState?, StoreError>
            do throws(StoreError) {
                result = .success(try await rooms.warmState(of: id))
            } catch {
                result = .failure(error)
            }
            loop.execute { hub.value.loaded(result, of: id, ticket, attempts: attempts) }
        }
    }

    private func loaded(
        _ result: Result<WarmState?, StoreError>, of id: RoomID, _ ticket: WarmTicket, attempts: Int
    ) {
        switch result {
        case .failure: warmed(id, Refusal(.storeUnavailable, "the room cannot be read now; try again"))
        // As in a room that the user is not in: whether there is one is not told.
        case .success(nil): warmed(id, Refusal(.notParticipant, "you are not a participant of this room"))
        case .success(let state?):
            log.warm(id, with: state, ticket: ticket) { [weak self] answer in
                switch answer {
                case .success: self?.warmed(id, nil)
                case .failure(.stale): self?.load(id, attempts: attempts - 1)
                case .failure(let error): self?.warmed(id, RoomHub.refusal(error))
                }
            }
        }
    }

    private func warmed(_ id: RoomID, _ refusal: Refusal?) {
        for completion in warming.removeValue(forKey: id) ?? [] {
            completion(refusal)
        }
    }
}
