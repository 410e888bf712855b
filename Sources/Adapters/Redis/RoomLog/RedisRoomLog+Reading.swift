import Application
import Bytes
import Domain
import WireProtocols

/// Reading room logs for a gateway's group.
extension RedisRoomLog {
    /// The name of the one consumer of a gateway's group.
    private static let consumer: StaticString = "gateway"

    public func read(_ rooms: [RoomID], each: @escaping (RoomID, Result<[LogEntry], RoomLogError>) -> Void) {
        let (keys, group, maxEntries) = (self.keys, self.group, self.maxEntries)
        connection.send { writer in
            writer.command(8 + 2 * rooms.count)
            writer.bulk("XREADGROUP")
            writer.bulk("GROUP")
            writer.bulk(group)
            writer.bulk(RedisRoomLog.consumer)
            writer.bulk("COUNT")
            writer.bulk(decimal: maxEntries)
            writer.bulk("NOACK")
            writer.bulk("STREAMS")
            for room in rooms {
                writer.bulk(.log, of: room, keys)
            }
            for _ in rooms {
                writer.bulk(">")
            }
        } completion: { result in
            switch result {
            case .failure(let error):
                // One room without the group fails the call for all: each is read again from its cursor.
                rooms.forEach { each($0, .failure(RoomLogError(error))) }
            case .success(let reply):
                RedisRoomLog.handOut(reply, rooms, keys, each)
            }
        }
    }

    public func entries(
        of room: RoomID, after position: Position, limit: Int,
        completion: @escaping (Result<[LogEntry], RoomLogError>) -> Void
    ) {
        let keys = self.keys
        connection.send { writer in
            writer.command(6)
            writer.bulk("XRANGE")
            writer.bulk(.log, of: room, keys)
            writer.bulk { out in
                out.append("(")
                out.append(utf8: position.description)
            }
            writer.bulk("+")
            writer.bulk("COUNT")
            writer.bulk(decimal: UInt64(limit))
        } completion: { result in
            completion(result.map { RedisRoomLog.entries($0) }.mapError(RoomLogError.init))
        }
    }

    public func reread(
        _ room: RoomID, after position: Position, completion: @escaping (Result<LogTail, RoomLogError>) -> Void
    ) {
        let (keys, group, maxEntries) = (self.keys, self.group, self.maxEntries)
        connection.eval(RoomScripts.reread, keys: 3, arguments: 4) { writer in
            writer.bulk(.state, of: room, keys)
            writer.bulk(.log, of: room, keys)
            writer.bulk(keys.openRooms(of: group, shard: keys.shards.shard(of: room)))
            writer.bulk(room.hexBytes)
            writer.bulk(group)
            writer.bulk(position)
            writer.bulk(decimal: maxEntries)
        } completion: { result in
            completion(
                RedisRoomLog.answer(result, expecting: "from reread.lua a position and entries") { reply in
                    guard reply.count == 2, let last = reply[0].withBytes({ Position($0) }) else { return nil }
                    return LogTail(last: last, entries: RedisRoomLog.entries(reply[1]))
                })
        }
    }

    /// Hands each room the entries of its stream; a room that the reply leaves out has nothing new.
    private static func handOut(
        _ reply: RESPReply, _ rooms: [RoomID], _ keys: RoomKeys,
        _ each: (RoomID, Result<[LogEntry], RoomLogError>) -> Void
    ) {
        // Redis answers in the order asked, leaving out what is empty.
        var next = 0
        for room in rooms {
            guard next < reply.count, reply[next].count == 2,
                reply[next][0].withBytes({ keys.room(ofChannel: $0) }) == room
            else {
                each(room, .success([]))
                continue
            }
            each(room, .success(entries(reply[next][1])))
            next += 1
        }
    }

    private static func entries(_ reply: RESPReply) -> [LogEntry] {
        (0..<reply.count).compactMap { LogEntryDecoder.entry(reply[$0]) }
    }
}
