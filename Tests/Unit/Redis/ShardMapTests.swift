import Domain
import Testing

@testable import Redis

@Suite struct ShardMapTests {
    /// `redis-cli CLUSTER KEYSLOT` of the tags' keys, the first and the last of sixteen.
    @Test func spreadsShardsEvenlyOverTheSlots() {
        let map = ShardMap(count: 16)
        let slots = (0..<16).map { slot(of: map.tag(of: $0)) }
        #expect(slots.enumerated().allSatisfy { $0.element / 1024 == $0.offset })
    }

    @Test func spreadsRoomsThatWereMadeInARow() {
        let map = ShardMap()
        var counts = Array(repeating: 0, count: 256)
        for counter in 0..<25_600 {
            counts[map.shard(of: ObjectID(seconds: 1_700_000_000, process: 77, counter: UInt32(counter)))] += 1
        }
        #expect((counts.min() ?? 0) > 50 && (counts.max() ?? 0) < 200)
    }

    /// A change here would part the rooms of a deployment from their keys.
    @Test func staysTheSameForEver() throws {
        let room = try #require(RoomID(hex: "0123456789abcdef01234567"))
        let keys = RoomKeys(shards: ShardMap())
        let name = String(decoding: keys.name(.log, of: room), as: UTF8.self)
        #expect(name.hasPrefix("stream:chat:room:{s"))
        #expect(name.hasSuffix("}:0123456789abcdef01234567"))
        let channel = keys.name(.channel, of: room)
        #expect(keys.room(ofChannel: channel.span) == room)
    }

    private func slot(of tag: [UInt8]) -> Int {
        var crc: UInt16 = 0
        for byte in tag {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 {
                crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1
            }
        }
        return Int(crc) % 16_384
    }
}
