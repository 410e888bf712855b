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
        takeGroupAway(from: room) { _ in waiting.forEach { $0() } }
    }

    /// Takes the gateway's group away from a room; where Redis does not answer, it is tried again when it does.
    func takeGroupAway(from room: RoomID, completion: @escaping (_ isDone: Bool) -> Void) {
        let (keys, group) = (self.keys, self.group)
        connection.eval(RoomScripts.close, keys: 3, arguments: 2) { writer in
            writer.bulk(.log, of: room, keys)
            writer.bulk(keys.openRooms(of: group, shard: keys.shards.shard(of: room)))
            writer.bulk(.state, of: room, keys)
            writer.bulk(room.hexBytes)
            writer.bulk(group)
        } completion: { [weak self] result in
            if case .failure = result {
                // Else the room would stay in Redis as long as this gateway runs.
                self?.leftBehind.insert(room)
                completion(false)
            } else {
                completion(true)
            }
        }
    }

    /// Takes away the groups that stayed behind while Redis was away: in slices, lest they fill the connection.
    func closeLeftBehind() {
        let slice = Array(leftBehind.prefix(RedisLimits.roomsPerRinging))
        leftBehind.subtract(slice)
        // What is opened meanwhile is closed behind that, or wanted.
        let unwanted = slice.filter { !listening.contains($0) && opening[$0] == nil }
        guard !unwanted.isEmpty else { return slice.isEmpty ? () : closeLeftBehind() }
        var (left, areDone) = (unwanted.count, true)
        for room in unwanted {
            takeGroupAway(from: room) { [weak self] isDone in
                left -= 1
                areDone = areDone && isDone
                if left == 0, areDone {
                    self?.closeLeftBehind()
                }
            }
        }
    }
}
