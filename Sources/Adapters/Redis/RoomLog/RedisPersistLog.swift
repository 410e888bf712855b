import Application
import Bytes
import Domain
import EventLoop
import WireProtocols

/// The persister's side of the room logs, over a connection that lives on a loop. Each step is one pipelined round trip
/// for all of a worker's rooms.
public final class RedisPersistLog: PersistLog {
    let connection: LoopBound<RedisConnection>
    let keys: RoomKeys
    let options: Options

    /// How a persister works.
    public struct Options: Sendable {
        /// Rooms that one claim takes of a shard.
        public var roomsPerShard = 64
        /// Rooms that one claim takes of all its shards.
        public var roomsPerClaim = 512
        /// Entries that are stored of one room at a time, at the most.
        public var entriesPerRoom = 512
        /// Entries that one claim reads about, of all its rooms: few enough to be stored well within the lease.
        public var entriesPerClaim = 8192
        /// Entries that are read of each room, however many rooms there are, so that each gets on.
        public var minEntriesPerRoom = 16
        /// How long a claim holds, ms: what is not finished by then is another worker's.
        public var leaseMilliseconds: UInt64 = 10_000
        /// Entries that stay in a room's log behind the saved position, for readers that lag and for resuming.
        public var replayEntries: UInt64 = 1024
        /// Dead letters that a shard's stream keeps, about; MongoDB keeps all.
        public var deadLettersPerShard: UInt64 = 256
        /// How long nobody must have used a room before it is taken out of Redis, ms.
        public var idleMilliseconds: UInt64 = 600_000
        /// How long a gateway must have been silent before its groups are taken away, ms.
        public var silentMilliseconds: UInt64 = 60_000
        /// How long a consumer that is not the persister's own must have done nothing before it is taken away, ms.
        public var idleConsumerMilliseconds: UInt64 = 60_000
        /// Between two looks at a room, ms.
        public var visitMilliseconds: UInt64 = 60_000
        /// Rooms that one look, and one sweep, takes of a shard.
        public var roomsPerVisit = 64
        /// Cooled rooms that a shard remembers: a warm-up that has been under way for longer reads MongoDB again.
        public var cooledRooms: UInt64 = 64

        public init() {}
    }

    public var shards: Int { keys.shards.count }

    public func shard(of room: RoomID) -> Int { keys.shards.shard(of: room) }

    /// A persister's log over `connection`, which others may use as well.
    public init(connection: LoopBound<RedisConnection>, shards: ShardMap, options: Options) {
        self.connection = connection
        self.options = options
        keys = RoomKeys(shards: shards)
    }

    public func claim(shards: [Int], token: String) async throws(RoomLogError) -> Claim {
        let due = try await dueRooms(of: shards)
        guard !due.isEmpty else { return Claim() }
        let claimed = try await lock(due, token: token)
        return try await read(claimed, token: token)
    }

    public func announceProcessing(_ rooms: [(id: RoomID, upTo: Position)]) {
        connection.loop.execute { [connection, keys] in
            for room in rooms {
                connection.value.send { writer in
                    writer.command(3)
                    writer.bulk("SPUBLISH")
                    writer.bulk(.channel, of: room.id, keys)
                    writer.bulk { out in
                        out.append("p ")
                        out.append(utf8: room.upTo.description)
                    }
                } completion: { _ in
                    // It may be lost: SAVED implies it.
                }
            }
        }
    }

    public func tellRepeat(_ message: Message, of first: MessageID, token: String) async throws(RoomLogError) {
        let (keys, room) = (self.keys, message.roomID)
        let kind = message.content.kind.rawValue
        let members = "\"content\":{\"text\":\"\",\"type\":\"\(kind)\"},\"duplicateOf\":\"\(first)\""
        _ = try await all([message]) { connection, message, done in
            connection.eval(RoomScripts.repetition, keys: 5, arguments: 7) { writer in
                for key in [RoomKeys.RoomKey.lock, .state, .log, .changed0, .changed1] {
                    writer.bulk(key, of: room, keys)
                }
                writer.bulk(utf8: token)
                writer.bulk(message.id.hexBytes)
                writer.bulk(decimal: message.seq)
                writer.bulk(decimal: message.senderID.rawValue)
                writer.bulk(decimal: message.createdAt.milliseconds)
                writer.bulk(utf8: members)
                writer.bulk(.channel, of: room, keys)
            } completion: {
                done($0.map { $0.integer ?? 0 })
            }
        }
    }

    public func finish(_ rooms: [FinishedRoom], token: String) async throws(RoomLogError) -> [RoomID] {
        let (keys, replay) = (self.keys, options.replayEntries)
        let results = await results(rooms) { connection, room, done in
            let shard = keys.shards.shard(of: room.id)
            let ids = room.acknowledged + room.returned
            connection.eval(RoomScripts.finish, keys: 6, arguments: 11 + ids.count) { writer in
                writer.bulk(.lock, of: room.id, keys)
                writer.bulk(.state, of: room.id, keys)
                writer.bulk(.log, of: room.id, keys)
                writer.bulk(keys.name(.ready, of: shard))
                writer.bulk(.tries, of: room.id, keys)
                writer.bulk(keys.name(.warm, of: shard))
                writer.bulk(utf8: token)
                writer.bulk(room.id.hexBytes)
                writer.bulk(RoomKeys.persisterGroup)
                writer.bulk(RoomKeys.persisterConsumer)
                writer.bulk(utf8: room.saved?.description ?? "")
                writer.bulk(decimal: room.saved?.seq ?? 0)
                writer.bulk(decimal: replay)
                writer.bulk(.channel, of: room.id, keys)
                writer.bulk(keys.name(.persisterChannel, of: shard))
                writer.bulk(decimal: room.retryAfterMilliseconds)
                writer.bulk(decimal: UInt64(room.acknowledged.count))
                for position in ids {
                    writer.bulk(position)
                }
            } completion: {
                done($0.map { $0.integer == 1 })
            }
        }
        var lost: [RoomID] = []
        for (room, result) in zip(rooms, results) {
            switch result {
            case .success(true): break
            case .success(false): lost.append(room.id)
            case .failure(let error) where error.isOfOneRoom: lost.append(room.id)
            case .failure(let error): throw error
            }
        }
        return lost
    }

    private func dueRooms(of shards: [Int]) async throws(RoomLogError) -> [(shard: Int, rooms: [RoomID])] {
        let answers = try await due(.ready, of: shards, limit: options.roomsPerShard)
        // No more than can be stored well within the lease: the others stay due.
        var left = options.roomsPerClaim
        return zip(shards, answers).compactMap { shard, rooms in
            let taken = Array(rooms.prefix(left))
            left -= taken.count
            return taken.isEmpty ? nil : (shard: shard, rooms: taken)
        }
    }

    /// The rooms of each shard whose time has come in one of its sorted sets.
    func due(_ set: RoomKeys.ShardKey, of shards: [Int], limit: Int) async throws(RoomLogError) -> [[RoomID]] {
        let keys = self.keys
        return try await all(shards) { connection, shard, done in
            connection.eval(RoomScripts.due, keys: 1, arguments: 2) { writer in
                writer.bulk(keys.name(set, of: shard))
                writer.bulk(decimal: UInt64(limit))
                writer.bulk(decimal: UInt64(0))
            } completion: {
                done($0.map(RedisPersistLog.rooms))
            }
        }
    }

    private func lock(_ due: [(shard: Int, rooms: [RoomID])], token: String) async throws(RoomLogError) -> [RoomID] {
        let (keys, lease) = (self.keys, options.leaseMilliseconds)
        return try await all(due) { connection, due, done in
            connection.eval(RoomScripts.claim, keys: 1 + due.rooms.count, arguments: 2 + due.rooms.count) { writer in
                writer.bulk(keys.name(.ready, of: due.shard))
                for room in due.rooms {
                    writer.bulk(.lock, of: room, keys)
                }
                writer.bulk(utf8: token)
                writer.bulk(decimal: lease)
                for room in due.rooms {
                    writer.bulk(room.hexBytes)
                }
            } completion: {
                done($0.map(RedisPersistLog.rooms))
            }
        }.flatMap { $0 }
    }

    static func rooms(_ reply: RESPReply) -> [RoomID] {
        (0..<reply.count).compactMap { reply[$0].withBytes { RoomID(hex: $0) } }
    }
}
