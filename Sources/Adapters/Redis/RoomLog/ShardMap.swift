import Domain

/// Into which shard a room falls, and the shard's tag in the names of its keys.
///
/// Everything of a room carries the tag `{sN…}`, so that a cluster keeps it in one slot and a script can touch it all at
/// once. The tags are chosen such that the shards spread evenly over the slots: shard i of n lies in the i-th n-th.
public struct ShardMap: Sendable {
    /// How many slots a Redis Cluster has.
    private static let slots = 16_384

    /// How many shards there are. It is part of the layout: a deployment never changes it.
    public let count: Int
    private let tags: [[UInt8]]

    /// The map with `count` shards, 1 to 4,096.
    public init(count: Int = 256) {
        precondition((1...4096).contains(count), "cannot spread rooms over fewer than 1 or more than 4096 shards")
        self.count = count
        tags = (0..<count).map { shard in
            let range = (shard * ShardMap.slots / count)..<((shard + 1) * ShardMap.slots / count)
            var suffix = 0
            while true {
                let tag = Array("s\(shard)\(suffix == 0 ? "" : ".\(suffix)")".utf8)
                if range.contains(Int(ShardMap.crc16(tag)) % ShardMap.slots) { return tag }
                suffix += 1
            }
        }
    }

    /// The tag of a shard, without braces.
    public func tag(of shard: Int) -> [UInt8] { tags[shard] }

    /// The shard of a room: FNV-1a of its id, which any release computes alike.
    public func shard(of room: RoomID) -> Int {
        let hash = room.withBytes { bytes in
            bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return Int(hash % UInt64(count))
    }

    /// CRC-16/XMODEM, by which Redis Cluster finds a key's slot.
    private static func crc16(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(UInt16(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
        }
    }
}
