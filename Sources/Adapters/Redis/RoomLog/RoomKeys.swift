import Bytes
import Domain
import WireProtocols

/// The names of everything that Redis holds of rooms. `docs/redis-layout.md` describes each.
struct RoomKeys: Sendable {
    let shards: ShardMap

    /// The persister's consumer group on each room's log.
    static let persisterGroup: StaticString = "persister"
    /// Its one consumer: whoever holds the room's lock reads under this name, and finds what another left over.
    static let persisterConsumer: StaticString = "persister"

    /// Kinds of keys that a room has of its own.
    enum RoomKey: String {
        /// Hash: epoch, seq, last, saved, savedSeq, version, time, turn, turnedAt, usedAt, and what change.lua keeps.
        case state = "room:"
        /// Stream: the room log.
        case log = "stream:chat:room:"
        /// Hash: user id to role and joinedSeq.
        case members = "members:"
        /// Hash: (sender, temp id) to the message; two that take turns.
        case seen0 = "seen0:"
        case seen1 = "seen1:"
        /// Hash: message id to the message as it is after its last change; two that take turns.
        case changed0 = "changed0:"
        case changed1 = "changed1:"
        /// String: the token of the persister's claim.
        case lock = "lock:"
        /// Hash: position of an entry to its tries that failed, and `buried:<position>` once it was given up.
        case tries = "tries:"
        /// Channel: rings for the gateways.
        case channel = "ring:"
        /// String, with the user's id behind it: the room was told a moment ago that this user types.
        case typing = "typing:"
    }

    /// Kinds of keys that a shard has.
    enum ShardKey: String {
        /// Sorted set: rooms with something to persist, by due time.
        case ready = "ready:"
        /// Stream: what was given up.
        case deadLetters = "dlq:"
        /// Channel: a room was added to the ready set.
        case persisterChannel = "ring:ready:"
        /// Set, with the gateway's name behind it: the rooms that it has open in this shard.
        case openRooms = "gateway:rooms:"
        /// Stream, with the name of a process and its loop behind it: its messages to itself.
        case probe = "probe:"
        /// Channel, likewise.
        case probeChannel = "ring:probe:"
        /// Sorted set: rooms that are in Redis, by when they are to be looked after.
        case warm = "warm:"
        /// Sorted set: the rooms cooled last, by growing numbers.
        case cooled = "cooled:"
    }

    /// Sorted set: the groups of all gateways, by when each last said that it lives.
    static let gateways: StaticString = "gateway:alive"

    /// `<kind>{<tag>}:<room id>`
    func name(_ key: RoomKey, of room: RoomID) -> [UInt8] {
        var out = ByteWriter(capacity: 64)
        append(key, of: room, to: &out)
        return out.bytes
    }

    /// Appends `<kind>{<tag>}:<room id>`.
    func append(_ key: RoomKey, of room: RoomID, to out: inout ByteWriter) {
        append(prefix: key.rawValue, shard: shards.shard(of: room), to: &out)
        out.append(ASCII.colon)
        out.append(room.hexBytes)
    }

    /// `<kind>{<tag>}`
    func name(_ key: ShardKey, of shard: Int) -> [UInt8] {
        var out = ByteWriter(capacity: 32)
        append(prefix: key.rawValue, shard: shard, to: &out)
        return out.bytes
    }

    /// The index of the rooms that a gateway has open in a shard.
    func openRooms(of gateway: [UInt8], shard: Int) -> [UInt8] {
        name(.openRooms, of: shard) + [ASCII.colon] + gateway
    }

    /// The room whose channel it is; nil for another channel.
    func room(ofChannel channel: Span<UInt8>) -> RoomID? {
        guard channel.count > 24 else { return nil }
        return RoomID(hex: channel.extracting((channel.count - 24)..<channel.count))
    }

    private func append(prefix: String, shard: Int, to out: inout ByteWriter) {
        out.append(utf8: prefix)
        out.append(UInt8(ascii: "{"))
        out.append(shards.tag(of: shard))
        out.append(UInt8(ascii: "}"))
    }
}

extension RESPWriter {
    /// Writes a room's key as an argument.
    mutating func bulk(_ key: RoomKeys.RoomKey, of room: RoomID, _ keys: RoomKeys) {
        bulk { keys.append(key, of: room, to: &$0) }
    }

    /// Writes a position as an argument.
    mutating func bulk(_ position: Position) {
        bulk { out in
            out.append(decimal: position.seq)
            out.append(ASCII.minus)
            out.append(decimal: position.change)
        }
    }
}
