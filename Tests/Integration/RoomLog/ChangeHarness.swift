import Application
import Domain
import Redis

@testable import Gateway

/// Changes of messages in the room of a `RoomLogHarness`, as a gateway asks for them.
struct ChangeHarness {
    let rooms: RoomLogHarness
    let log: RedisChangeLog

    init(_ rooms: RoomLogHarness, backlogLimit: UInt64 = 10_000, rememberMilliseconds: UInt64 = 600_000) {
        self.rooms = rooms
        log = RedisChangeLog(
            client: rooms.client, shards: ShardMap(), backlogLimit: backlogLimit,
            rememberMilliseconds: rememberMilliseconds)
    }

    /// Sends a message and gives it as the log has it.
    func send(from sender: Int64, text: String = "hi") async throws -> StoredMessage {
        let message = rooms.message(from: sender, text: text)
        _ = try await rooms.publish([[message]])
        guard let found = try await log.unsaved(message.id, of: rooms.room) else {
            throw RoomLogError.failed("not there")
        }
        return found
    }

    func change(
        _ base: StoredMessage, _ action: ChangeRequest.Action, by user: Int64, key: TempID? = nil
    ) async throws -> ChangeOutcome {
        var random = SystemRandomNumberGenerator()
        return try await log.change(
            ChangeRequest(
                action: action, actor: UserID(rawValue: user), key: key ?? TempID(using: &random), base: base,
                baseMembers: MessageJSON.changeableMembers(of: base.message)))
    }

    static func edit(_ text: String) -> ChangeRequest.Action {
        .edit(members: Array("\"content\":{\"text\":\"\(text)\",\"type\":\"TEXT\"}".utf8))
    }

    static let delete = ChangeRequest.Action.delete(
        members: Array("\"content\":{\"text\":\"\",\"type\":\"TEXT\"}".utf8))
}

extension ChangeOutcome {
    /// The message as it is now; nil where it was refused.
    var message: Message? {
        switch self {
        case .changed(let message), .unchanged(let message): message
        case .outdated, .refused: nil
        }
    }
}
