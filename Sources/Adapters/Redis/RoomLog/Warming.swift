import Application
import Domain
import WireProtocols

/// How a room is put into Redis, whichever connection it goes over.
struct Warming {
    let keys: RoomKeys

    /// Reads the number that the shard's last cooled room left with.
    func ticketCommand(for room: RoomID) -> [[UInt8]] {
        let cooled = keys.name(.cooled, of: keys.shards.shard(of: room))
        return [text("ZRANGE"), cooled, text("0"), text("0"), text("REV"), text("WITHSCORES")]
    }

    /// What `ticketCommand` answers with: a member and its number, or nothing where no room has been cooled.
    static func ticket(_ reply: RESPValue) -> WarmTicket {
        WarmTicket(rawValue: reply.elements?.last?.text.flatMap { UInt64($0) } ?? 0)
    }

    /// Keys and arguments of warm.lua.
    func call(_ room: RoomID, _ state: WarmState, _ ticket: WarmTicket) -> (keys: [[UInt8]], arguments: [[UInt8]]) {
        let shard = keys.shards.shard(of: room)
        let names = [
            keys.name(.state, of: room), keys.name(.log, of: room), keys.name(.members, of: room),
            keys.name(.warm, of: shard), keys.name(.cooled, of: shard),
        ]
        let head: [[UInt8]] = [
            room.hexBytes, text(state.epoch), text(state.last), text(state.last.seq),
            text(state.lastMessageAt.milliseconds), text(state.membershipVersion), text(RoomKeys.persisterGroup),
            text(ticket.rawValue),
        ]
        let members = state.members.flatMap { member in
            [text(member.userID), MemberStanding(role: member.role, joinedSeq: member.joinedSeq).text]
        }
        return (names, head + members)
    }

    /// What warm.lua's answer means.
    static func answer(_ reply: Result<RESPValue, RoomLogError>) -> Result<Void, RoomLogError> {
        reply.flatMap { $0.integer == -1 ? .failure(.stale) : .success(()) }
    }

    private func text(_ value: some CustomStringConvertible) -> [UInt8] { Array(value.description.utf8) }
}
