import Application
import Bytes
import Domain
import WireProtocols

/// What a janitor does, over the persister's connection.
extension RedisPersistLog: JanitorLog {
    /// Gateways whose groups are taken away in one round.
    private static let gatewaysPerRound: UInt64 = 64

    public func deadGateways() async throws(RoomLogError) -> [String] {
        let silent = options.silentMilliseconds
        return try await all([silent]) { connection, silent, done in
            connection.eval(RoomScripts.due, keys: 1, arguments: 2) { writer in
                writer.bulk(RoomKeys.gateways)
                writer.bulk(decimal: RedisPersistLog.gatewaysPerRound)
                writer.bulk(decimal: silent)
            } completion: {
                done($0.map { reply in (0..<reply.count).map { reply[$0].string } })
            }
        }.flatMap { $0 }
    }

    public func sweep(_ gateway: String) async throws(RoomLogError) -> (groups: Int, isDone: Bool) {
        let (keys, group, limit) = (self.keys, Array(gateway.utf8), UInt64(options.roomsPerVisit))
        let shards = Array(0..<keys.shards.count)
        let open = try await all(shards) { connection, shard, done in
            connection.send { writer in
                writer.command(3)
                writer.bulk("SRANDMEMBER")
                writer.bulk(keys.openRooms(of: group, shard: shard))
                writer.bulk(decimal: limit)
            } completion: {
                done($0.map(RedisPersistLog.rooms))
            }
        }
        let found = zip(shards, open).filter { !$0.1.isEmpty }
        let swept = try await all(found.map { (shard: $0, rooms: $1) }) { connection, part, done in
            let count = part.rooms.count
            connection.eval(RoomScripts.sweep, keys: 1 + count, arguments: 1 + count) { writer in
                writer.bulk(keys.openRooms(of: group, shard: part.shard))
                for room in part.rooms {
                    writer.bulk(.log, of: room, keys)
                }
                writer.bulk(group)
                for room in part.rooms {
                    writer.bulk(room.hexBytes)
                }
            } completion: {
                done($0.map { Int($0.integer ?? 0) })
            }
        }
        return (swept.reduce(0, +), open.allSatisfy { $0.count < limit })
    }

    public func forget(_ gateway: String) async throws(RoomLogError) {
        let silent = options.silentMilliseconds
        _ = try await all([gateway]) { connection, gateway, done in
            connection.eval(RoomScripts.forget, keys: 1, arguments: 2) { writer in
                writer.bulk(RoomKeys.gateways)
                writer.bulk(utf8: gateway)
                writer.bulk(decimal: silent)
            } completion: {
                done($0.map { _ in })
            }
        }
    }

    public func visit(shards: [Int]) async throws(RoomLogError) -> RoomVisit {
        let due = try await due(.warm, of: shards, limit: options.roomsPerVisit)
        let found = zip(shards, due).filter { !$0.1.isEmpty }.map { (shard: $0, rooms: $1) }
        let (keys, options) = (self.keys, self.options)
        let replies = try await all(found) { connection, part, done in
            connection.eval(
                RoomScripts.visit, keys: 2 + 3 * part.rooms.count, arguments: 6 + part.rooms.count
            ) { writer in
                writer.bulk(keys.name(.warm, of: part.shard))
                writer.bulk(keys.name(.ready, of: part.shard))
                for room in part.rooms {
                    writer.bulk(.state, of: room, keys)
                    writer.bulk(.log, of: room, keys)
                    writer.bulk(.lock, of: room, keys)
                }
                writer.bulk(RoomKeys.persisterGroup)
                writer.bulk(RoomKeys.persisterConsumer)
                writer.bulk(keys.name(.persisterChannel, of: part.shard))
                writer.bulk(decimal: options.visitMilliseconds)
                writer.bulk(decimal: options.idleMilliseconds)
                writer.bulk(decimal: options.idleConsumerMilliseconds)
                for room in part.rooms {
                    writer.bulk(room.hexBytes)
                }
            } completion: {
                done($0.map { $0.copied() })
            }
        }
        var visit = RoomVisit()
        visit.isPartial = due.contains { $0.count == options.roomsPerVisit }
        for (part, reply) in zip(found, replies) {
            visit.rooms += part.rooms.count
            try visit.add(reply)
        }
        return visit
    }

    public func cool(_ rooms: [(room: RoomID, head: RoomHead)]) async throws(RoomLogError) -> Int {
        let (keys, options) = (self.keys, self.options)
        return try await all(rooms) { connection, item, done in
            let shard = keys.shards.shard(of: item.room)
            connection.eval(RoomScripts.cool, keys: 12, arguments: 7) { writer in
                for key in [RoomKeys.RoomKey.state, .log, .members, .seen0, .seen1, .lock] {
                    writer.bulk(key, of: item.room, keys)
                }
                for key in [RoomKeys.ShardKey.ready, .warm, .cooled] {
                    writer.bulk(keys.name(key, of: shard))
                }
                for key in [RoomKeys.RoomKey.tries, .changed0, .changed1] {
                    writer.bulk(key, of: item.room, keys)
                }
                writer.bulk(item.room.hexBytes)
                writer.bulk(decimal: item.head.epoch)
                writer.bulk(item.head.last)
                writer.bulk(decimal: item.head.membershipVersion)
                writer.bulk(decimal: options.idleMilliseconds)
                writer.bulk(RoomKeys.persisterGroup)
                writer.bulk(decimal: options.cooledRooms)
            } completion: {
                done($0.map { Int($0.integer ?? 0) })
            }
        }.reduce(0, +)
    }
}

extension RoomVisit {
    /// Adds what visit.lua answers of one shard: two counts, then four values for each idle room.
    mutating func add(_ reply: RESPValue) throws(RoomLogError) {
        guard let parts = reply.elements, parts.count >= 2, parts.count % 4 == 2,
            let putBack = parts[0].integer, let deleted = parts[1].integer
        else { throw .failed("visit.lua answered no two counts with four values for each room") }
        self.putBack += Int(putBack)
        consumersDeleted += Int(deleted)
        for first in stride(from: 2, to: parts.count, by: 4) {
            guard let room = parts[first].text.flatMap({ RoomID(hex: $0) }),
                let epoch = parts[first + 1].text.flatMap({ UInt64($0) }),
                let last = parts[first + 2].bytes.flatMap({ Position($0.span) }),
                let version = parts[first + 3].text.flatMap({ UInt64($0) })
            else { throw .failed("visit.lua answered a room without id, epoch, position and version") }
            idle.append((room, RoomHead(epoch: epoch, last: last, membershipVersion: version)))
        }
    }
}
