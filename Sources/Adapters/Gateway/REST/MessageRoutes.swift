import Application
import Bytes
import Domain
import Telemetry
import WireProtocols

/// `/api/v1/messages`, and `/api/v1/chatrooms/{roomId}/messages`: reading back what was said, and changing it.
public struct MessageRoutes: Sendable {
    private let history: History
    private let changes: MessageChanges
    private let authenticator: Authenticator
    private let metrics: GatewayMetrics

    public init(
        history: History, changes: MessageChanges, authenticator: Authenticator, metrics: GatewayMetrics
    ) {
        self.history = history
        self.changes = changes
        self.authenticator = authenticator
        self.metrics = metrics
    }

    /// Writes what of a message a change may concern, as `MessageChanges` asks for it.
    public static let changeableMembers: @Sendable (Message) -> [UInt8] = { MessageJSON.changeableMembers(of: $0) }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        router.on(.get, "/api/v1/chatrooms/{roomId}/messages") { request async throws(Refusal) in
            let user = try authenticator.user(of: request).userID
            return try await page(of: try request.roomID(), for: user, request)
        }
        let base = "/api/v1/messages"
        router.on(.get, "\(base)/{messageId}") { request async throws(Refusal) in try await message(request) }
        router.on(.put, "\(base)/{messageId}") { request async throws(Refusal) in try await edit(request) }
        router.on(.delete, "\(base)/{messageId}") { request async throws(Refusal) in try await delete(request) }
        router.on(.post, "\(base)/reaction") { request async throws(Refusal) in try await react(request) }
        router.on(.delete, "\(base)/reaction") { request async throws(Refusal) in try await unreact(request) }
    }

    private func page(
        of room: RoomID, for user: UserID, _ request: HTTPRequest
    ) async throws(Refusal) -> HTTPResponse {
        let (before, after) = (try request.seq("before"), try request.seq("after"))
        guard before == nil || after == nil else { throw .invalid("after", "not together with before") }
        let page = try await history.page(
            of: room, for: user, after.map { .after($0) } ?? .before(before), limit: try request.limit())
        return .success { out in
            PageJSON.write(page, numericCursor: true, into: &out) { MessageJSON.write($0, into: &$1) }
        }
    }

    /// A message; where the id is a room's, that room's history.
    private func message(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let id = try request.messageID()
        do throws(Refusal) {
            let message = try await changes.message(id, for: user)
            return .success { MessageJSON.write(message, into: &$0) }
        } catch {
            guard error.code == .messageNotFound else { throw error }
            do throws(Refusal) {
                return try await page(of: id, for: user, request)
            } catch let other {
                throw other.code == .roomNotFound ? error : other
            }
        }
    }

    private func edit(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let id = try request.messageID()
        let body = try RequestBody(request.body)
        let text = try MessageRules.text(try body.string("text"), field: "text")
        guard text.utf8.count <= GatewayLimits.maxEditBytes else {
            throw .invalid("text", "at most \(GatewayLimits.maxEditBytes) bytes of UTF-8")
        }
        return try await change(id, user, try ChangeFields(body), .edit(text: text))
    }

    private func delete(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let id = try request.messageID()
        guard (request.query("scope") ?? "all") == "all" else {
            throw .invalid("scope", "all, or left out: a message is deleted for everybody")
        }
        return try await change(id, user, try ChangeFields(request), .delete)
    }

    private func react(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let body = try RequestBody(request.body)
        let id = try body.messageID("messageId")
        let sign = try ReactionRules.sign(try body.string("reaction"))
        return try await change(id, user, try ChangeFields(body), .react(sign: sign))
    }

    private func unreact(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        guard let id = try RequestFields.objectID("messageId", request.query("messageId")) else {
            throw .invalid("messageId", "24 hexadecimal digits")
        }
        let sign = try ReactionRules.sign(request.query("reaction") ?? "")
        return try await change(id, user, try ChangeFields(request), .unreact(sign: sign))
    }

    private func change(
        _ id: MessageID, _ user: UserID, _ fields: ChangeFields, _ action: MessageChanges.Action
    ) async throws(Refusal) -> HTTPResponse {
        let target = MessageChanges.Target(id: id, room: fields.room, user: user, key: fields.key)
        let changed = try await changes.change(target, action)
        metrics.changes.add()
        return .success(
            status: changed.isStored ? 200 : 202,
            message: changed.isStored ? nil : "everybody is told; it will be stored as soon as it can be"
        ) { MessageJSON.write(changed.message, isStored: changed.isStored, into: &$0) }
    }
}

/// What each change may say besides.
private struct ChangeFields {
    /// Where the message is, for one that is not stored yet.
    let room: RoomID?
    /// The change's idempotency key: the caller's, or one of our own, for our own tries.
    let key: TempID

    init(_ body: RequestBody) throws(Refusal) {
        room = try body.objectIDIfPresent("roomId")
        key = try body.uuidIfPresent("requestId") ?? ChangeFields.newKey()
    }

    init(_ request: HTTPRequest) throws(Refusal) {
        room = try RequestFields.objectID("roomId", request.query("roomId"))
        key = try RequestFields.uuid("requestId", request.query("requestId")) ?? ChangeFields.newKey()
    }

    private static func newKey() -> TempID {
        var random = SystemRandomNumberGenerator()
        return TempID(using: &random)
    }
}
