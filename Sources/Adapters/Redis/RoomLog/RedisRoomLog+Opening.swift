import Application
import Bytes
import Domain
import WireProtocols

/// Who asks to have a room opened.
struct OpenRequest {
    let user: UserID
    let completion: (Result<RoomOpening, RoomLogError>) -> Void
}

/// Opening rooms for subscribers, and what of closing them has to wait for it.
///
/// One call of a room is under way at a time and carries all who asked meanwhile: after a restart a gateway's clients
/// come back at once, many to each room, and live messages of other rooms are not to wait behind a call for each.
extension RedisRoomLog {
    /// Users that one call asks for: it takes Redis well below a millisecond.
    private static let maxUsersPerOpen = 256

    public func open(
        _ room: RoomID, for user: UserID, completion: @escaping (Result<RoomOpening, RoomLogError>) -> Void
    ) {
        let request = OpenRequest(user: user, completion: completion)
        guard opening[room] == nil else {
            opening[room]?.append(request)
            return
        }
        opening[room] = []
        open(room, for: [request])
    }

    /// Answers those whose call has not been sent: after the room is closed it would make the group again.
    func refuseWaitingOpens(of room: RoomID) {
        guard let waiting = opening[room] else { return }
        opening[room] = []
        waiting.forEach { $0.completion(.failure(.unavailable)) }
    }

    private func open(_ room: RoomID, for requests: [OpenRequest]) {
        let (keys, group) = (self.keys, self.group)
        connection.eval(RoomScripts.open, keys: 4, arguments: 2 + requests.count) { writer in
            writer.bulk(.state, of: room, keys)
            writer.bulk(.log, of: room, keys)
            writer.bulk(.members, of: room, keys)
            writer.bulk(keys.openRooms(of: group, shard: keys.shards.shard(of: room)))
            writer.bulk(room.hexBytes)
            writer.bulk(group)
            for request in requests {
                writer.bulk(decimal: request.user.rawValue)
            }
        } completion: { [weak self] result in
            let answers = RedisRoomLog.answer(result, expecting: "from open.lua the room and a standing for each user")
            {
                OpenReply.openings($0, count: requests.count)
            }
            for (index, request) in requests.enumerated() {
                request.completion(answers.map { $0[index] })
            }
            self?.openNext(room)
        }
    }

    private func openNext(_ room: RoomID) {
        guard var waiting = opening.removeValue(forKey: room), !waiting.isEmpty else { return closeIfAsked(room) }
        let next = Array(waiting.prefix(RedisRoomLog.maxUsersPerOpen))
        waiting.removeFirst(next.count)
        opening[room] = waiting
        open(room, for: next)
    }

    /// Closes a room that nobody wants any more, of those that were to be closed while they were opened: the opening may
    /// have made the group after all.
    private func closeIfAsked(_ room: RoomID) {
        guard let waiting = closing.removeValue(forKey: room) else { return }
        guard !listening.contains(room) else { return waiting.forEach { $0() } }
        takeGroupAway(from: room) { waiting.forEach { $0() } }
    }

    /// Takes the gateway's group away from a room.
    func takeGroupAway(from room: RoomID, completion: @escaping () -> Void) {
        let (keys, group) = (self.keys, self.group)
        connection.eval(RoomScripts.close, keys: 3, arguments: 2) { writer in
            writer.bulk(.log, of: room, keys)
            writer.bulk(keys.openRooms(of: group, shard: keys.shards.shard(of: room)))
            writer.bulk(.state, of: room, keys)
            writer.bulk(room.hexBytes)
            writer.bulk(group)
        } completion: { _ in
            // Where Redis is away the group stays behind, and is swept with those of dead gateways.
            completion()
        }
    }
}
