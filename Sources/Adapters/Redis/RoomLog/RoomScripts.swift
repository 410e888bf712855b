/// The scripts that touch rooms, each a file of its own under `Scripts`: messages get their seq in `Messages/publish.lua`.
enum RoomScripts {
    static let publish = RedisScript(name: "publish", source: PackageResources.publish_lua)
    static let typing = RedisScript(name: "typing", source: PackageResources.typing_lua)
    static let open = RedisScript(name: "open", source: PackageResources.open_lua)
    static let close = RedisScript(name: "close", source: PackageResources.close_lua)
    static let warm = RedisScript(name: "warm", source: PackageResources.warm_lua)
    static let membership = RedisScript(name: "membership", source: PackageResources.membership_lua)
    static let change = RedisScript(name: "change", source: PackageResources.change_lua)
    static let due = RedisScript(name: "due", source: PackageResources.due_lua)
    static let claim = RedisScript(name: "claim", source: PackageResources.claim_lua)
    static let take = RedisScript(name: "take", source: PackageResources.take_lua)
    static let finish = RedisScript(name: "finish", source: PackageResources.finish_lua)
    static let refuse = RedisScript(name: "refuse", source: PackageResources.refuse_lua)
    static let bury = RedisScript(name: "bury", source: PackageResources.bury_lua)
    static let probe = RedisScript(name: "probe", source: PackageResources.probe_lua)
    static let reread = RedisScript(name: "reread", source: PackageResources.reread_lua)
    static let heartbeat = RedisScript(name: "heartbeat", source: PackageResources.heartbeat_lua)
    static let forget = RedisScript(name: "forget", source: PackageResources.forget_lua)
    static let sweep = RedisScript(name: "sweep", source: PackageResources.sweep_lua)
    static let visit = RedisScript(name: "visit", source: PackageResources.visit_lua)
    static let cool = RedisScript(name: "cool", source: PackageResources.cool_lua)
    static let repetition = RedisScript(name: "repeat", source: PackageResources.repeat_lua)

    /// Those of a gateway's room log: opening a room, reading it again and closing it must not change places.
    static let ofGateways = [publish, typing, open, close, warm, membership, change, reread]
}
