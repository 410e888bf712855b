import Application
import Bytes
import Domain
import WireProtocols

/// Changes of messages, over a connection that lives on a loop.
public struct RedisChangeLog: ChangeLog {
    private let client: RedisClient
    private let keys: RoomKeys
    private let backlogLimit: UInt64
    private let rememberMilliseconds: UInt64
    private let isMemoryShort: @Sendable () -> Bool

    /// Entries of a room's unsaved log that are looked through at once.
    private static let page = 512

    /// - Parameters:
    ///   - backlogLimit: entries of one room that may be unsaved before a change is refused.
    ///   - rememberMilliseconds: how long an idempotency key is remembered at least.
    ///   - isMemoryShort: whether Redis has so little memory left that changes are refused.
    public init(
        client: RedisClient, shards: ShardMap, backlogLimit: UInt64, rememberMilliseconds: UInt64 = 600_000,
        isMemoryShort: @escaping @Sendable () -> Bool = { false }
    ) {
        self.client = client
        self.isMemoryShort = isMemoryShort
        keys = RoomKeys(shards: shards)
        self.backlogLimit = backlogLimit
        self.rememberMilliseconds = rememberMilliseconds
    }

    public func change(_ request: ChangeRequest) async throws(RoomLogError) -> ChangeOutcome {
        let message = request.base.message
        let reply = try await eval(request)
        guard let words = reply.elements, let answer = words.first?.text else {
            throw .failed("change.lua answered no list that begins with a word")
        }
        switch answer {
        case "COLD": throw .cold
        case "OUTDATED": return .outdated
        case "NO": return .refused(words.last?.text.flatMap(ErrorCode.init) ?? .internalError)
        case "SAME" where words.count == 1: return .unchanged(message)
        case "IN", "SAME":
            guard let now = RedisChangeLog.message(words, of: message.roomID) else {
                throw .failed("change.lua answered \(answer) without a position, head and members that can be read")
            }
            return answer == "IN" ? .changed(now) : .unchanged(now)
        default: throw .failed("change.lua answered \(answer), not COLD, OUTDATED, NO, SAME or IN")
        }
    }

    public func savedPosition(of room: RoomID) async throws(RoomLogError) -> Position {
        let reply = try await command([Array("HGET".utf8), keys.name(.state, of: room), Array("saved".utf8)])
        guard let text = reply.text else { throw .cold }
        guard let position = Position(text) else {
            throw .failed("the saved position of the room's state is not <seq>-<change>")
        }
        return position
    }

    public func unsaved(_ id: MessageID, of room: RoomID) async throws(RoomLogError) -> StoredMessage? {
        var position = try await savedPosition(of: room)
        while true {
            let reply = try await command([
                Array("XRANGE".utf8), keys.name(.log, of: room), Array("(\(position)".utf8), Array("+".utf8),
                Array("COUNT".utf8), Array("\(RedisChangeLog.page)".utf8),
            ])
            let entries = (reply.elements ?? []).compactMap(RedisChangeLog.entry)
            for entry in entries {
                switch ClaimedEntry(entry, of: room).event {
                case .message(let message) where message.id == id, .membership(let message, _) where message.id == id:
                    return StoredMessage(message: message, completeUpTo: entry.position)
                default: continue
                }
            }
            guard let last = entries.last, entries.count == RedisChangeLog.page else { return nil }
            position = last.position
        }
    }

    private func eval(_ request: ChangeRequest) async throws(RoomLogError) -> RESPValue {
        let (base, room) = (request.base.message, request.base.message.roomID)
        let shard = keys.shards.shard(of: room)
        let isRoomsOwn = base.content.kind == .system
        let names: [RoomKeys.RoomKey] = [.state, .log, .members, .changed0, .changed1]
        let texts: [String] = [
            room.hex, "\(request.actor)", request.action.kind.rawValue, "\(request.key)",
            // A deletion is let through: it frees what it can.
            isMemoryShort() && request.action.kind != .delete ? "0" : "\(backlogLimit)",
            "\(rememberMilliseconds)",
        ]
        let limits = ["\(ReactionRules.maxSigns)", "\(ReactionRules.maxReactions)"]
        let message: [String] = [
            base.id.hex, "\(base.seq)", isRoomsOwn ? "" : "\(base.senderID)", "\(base.senderID)",
            base.tempID?.description ?? "-", "\(base.createdAt.milliseconds)", "\(request.base.completeUpTo)",
            "\(base.editedAt?.milliseconds ?? 0)", base.isDeleted ? "1" : "0",
        ]
        let channels = [keys.name(.channel, of: room), keys.name(.persisterChannel, of: shard)]
        do throws(RedisError) {
            return try await client.eval(
                RoomScripts.change, keys: names.map { keys.name($0, of: room) } + [keys.name(.ready, of: shard)],
                arguments: texts.map { Array($0.utf8) } + channels + (limits + message).map { Array($0.utf8) }
                    + [request.baseMembers, request.action.argument])
        } catch {
            throw RoomLogError(error)
        }
    }

    private func command(_ arguments: [[UInt8]]) async throws(RoomLogError) -> RESPValue {
        do throws(RedisError) {
            return try await client.command(arguments)
        } catch {
            throw RoomLogError(error)
        }
    }

    /// The message in `{'IN' or 'SAME', position, head, members}`.
    private static func message(_ words: [RESPValue], of room: RoomID) -> Message? {
        guard words.count == 4, let position = words[1].text.flatMap({ Position($0) }), let head = words[2].bytes,
            let members = words[3].bytes,
            case .changed(let message) = ClaimedEntry(
                LogEntryDecoder.entry(head.span, body: members, at: position), of: room
            ).event
        else { return nil }
        return message
    }

    /// An entry of an XRANGE reply; nil where it is not of its form.
    private static func entry(_ reply: RESPValue) -> LogEntry? {
        guard let parts = reply.elements, parts.count == 2, let position = parts[0].text.flatMap({ Position($0) }),
            let fields = parts[1].elements, fields.count == 4, let head = fields[1].bytes, let body = fields[3].bytes
        else { return nil }
        return LogEntryDecoder.entry(head.span, body: body, at: position)
    }
}

extension ChangeRequest.Action {
    /// As entries name it.
    var kind: MessageChange.Kind {
        switch self {
        case .edit: .edit
        case .delete: .delete
        case .react: .react
        case .unreact: .unreact
        }
    }

    /// What the script needs beside the kind.
    fileprivate var argument: [UInt8] {
        switch self {
        case .edit(let members), .delete(let members): members
        case .react(let sign), .unreact(let sign): Array(sign.utf8)
        }
    }
}
