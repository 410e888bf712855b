import Application
import Bytes
import Domain
import WireProtocols

/// Changes of membership, over a connection that lives on a loop.
public struct RedisMembershipLog: MembershipLog {
    private let client: RedisClient
    private let keys: RoomKeys
    private let backlogLimit: UInt64
    private let isMemoryShort: @Sendable () -> Bool

    /// - Parameters:
    ///   - backlogLimit: entries of one room that may be unsaved before a change is refused.
    ///   - isMemoryShort: whether Redis has so little memory left that changes are refused.
    public init(
        client: RedisClient, shards: ShardMap, backlogLimit: UInt64,
        isMemoryShort: @escaping @Sendable () -> Bool = { false }
    ) {
        self.client = client
        self.isMemoryShort = isMemoryShort
        keys = RoomKeys(shards: shards)
        self.backlogLimit = backlogLimit
    }

    public func change(_ request: MembershipRequest) async throws(RoomLogError) -> ErrorCode? {
        let (room, shard) = (request.room, keys.shards.shard(of: request.room))
        var members = ByteWriter(capacity: 64 + request.text.utf8.count)
        members.append("\"content\":{\"text\":")
        members.append(jsonString: request.text)
        members.append(",\"type\":\"SYSTEM\"}")
        let arguments: [[UInt8]] = [
            room.hexBytes, text(request.actor.rawValue), Array(request.kind.rawValue.utf8),
            request.messageID.hexBytes, members.bytes, text(Int64(RoomRules.maxParticipants)),
            keys.name(.channel, of: room), keys.name(.persisterChannel, of: shard), text(Int64(backlogLimit)),
            isMemoryShort() ? Array(ErrorCode.busy.rawValue.utf8) : [],
        ]
        let reply = try await eval(
            RoomScripts.membership, room, [.state, .log, .members],
            [keys.name(.ready, of: shard), keys.name(.seen0, of: room), keys.name(.seen1, of: room)],
            arguments + request.userIDs.map { text($0.rawValue) })
        switch reply.elements?.first?.text {
        case "IN": return nil
        case "COLD": throw .cold
        case "NO": return reply.elements?.last?.text.flatMap(ErrorCode.init) ?? .internalError
        default: throw .failed("membership.lua answered no list that begins with IN, COLD or NO")
        }
    }

    public func warmTicket(for room: RoomID) async throws(RoomLogError) -> WarmTicket {
        do throws(RedisError) {
            return Warming.ticket(try await client.command(Warming(keys: keys).ticketCommand(for: room)))
        } catch {
            throw RoomLogError(error)
        }
    }

    public func warm(_ room: RoomID, with state: WarmState, ticket: WarmTicket) async throws(RoomLogError) {
        let call = Warming(keys: keys).call(room, state, ticket)
        let reply: RESPValue
        do throws(RedisError) {
            reply = try await client.eval(RoomScripts.warm, keys: call.keys, arguments: call.arguments)
        } catch {
            throw RoomLogError(error)
        }
        try Warming.answer(.success(reply)).get()
    }

    private func eval(
        _ script: RedisScript, _ room: RoomID, _ roomKeys: [RoomKeys.RoomKey], _ otherKeys: [[UInt8]],
        _ arguments: [[UInt8]]
    ) async throws(RoomLogError) -> RESPValue {
        do throws(RedisError) {
            return try await client.eval(
                script, keys: roomKeys.map { keys.name($0, of: room) } + otherKeys, arguments: arguments)
        } catch {
            throw RoomLogError(error)
        }
    }

    private func text(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }
}
