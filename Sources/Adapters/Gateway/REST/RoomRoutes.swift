import Application
import Bytes
import Domain
import WireProtocols

/// `/api/v1/chatrooms`: making, finding and listing rooms, and who is in them.
public struct RoomRoutes: Sendable {
    private let rooms: Rooms
    private let membership: Membership
    private let authenticator: Authenticator
    private let clock: @Sendable () -> Timestamp

    public init(
        rooms: Rooms, membership: Membership, authenticator: Authenticator, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.rooms = rooms
        self.membership = membership
        self.authenticator = authenticator
        self.clock = clock
    }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        let base = "/api/v1/chatrooms"
        router.on(.post, base) { request async throws(Refusal) in try await create(request) }
        router.on(.get, base) { request async throws(Refusal) in try await list(request) }
        router.on(.get, "\(base)/{roomId}") { request async throws(Refusal) in try await room(request) }
        router.on(.get, "\(base)/{roomId}/participants") { request async throws(Refusal) in
            try await participants(request)
        }
        router.on(.post, "\(base)/{roomId}/participants") { request async throws(Refusal) in
            try await invite(request)
        }
        router.on(.delete, "\(base)/{roomId}/participants/{userId}") { request async throws(Refusal) in
            try await remove(request)
        }
    }

    private func create(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let body = try RequestBody(request.body)
        let others = try body.userIDs("participantIds")
        switch RoomType(rawValue: try body.string("type")) {
        case .individual?:
            let found = try await rooms.individualRoom(participantIDs: others, by: user, at: clock())
            return await answer(found.room, status: found.created ? 201 : 200)
        case .group?:
            let room = try await rooms.createGroup(
                title: try body.string("title"), participantIDs: others, by: user, at: clock())
            return await answer(room, status: 201)
        case nil: throw .invalid("type", "INDIVIDUAL or GROUP")
        }
    }

    private func list(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let page = try await rooms.list(of: user, limit: try request.limit(), cursor: request.query("cursor"))
        let names = await names(in: page.items)
        return .success { out in
            PageJSON.write(page, into: &out) { RoomJSON.write($0, names: names, into: &$1) }
        }
    }

    private func room(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        return await answer(try await rooms.summary(of: try request.roomID(), for: user))
    }

    private func participants(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let page = try await rooms.participants(
            of: try request.roomID(), for: user, limit: try request.limit(), cursor: request.query("cursor"))
        let names = (try? await rooms.names(of: page.items.map(\.userID))) ?? [:]
        return .success { out in
            PageJSON.write(page, into: &out) { RoomJSON.write($0, names: names, into: &$1) }
        }
    }

    private func invite(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let room = try request.roomID()
        let ids = try RequestBody(request.body).userIDs("userIds")
        try await membership.invite(ids, to: room, by: user, at: clock())
        do throws(Refusal) {
            return await answer(try await rooms.summary(of: room, for: user))
        } catch {
            guard error.code == .roomNotFound else { throw error }
            // Who invites was invited a moment ago as well: MongoDB does not know them yet.
            return .success(status: 202, message: "it is done; the room can be read in a moment")
        }
    }

    private func remove(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        guard let other = request.parameters["userId"].flatMap({ Int64($0) }), other > 0 else {
            throw .invalid("userId", "a user id")
        }
        try await membership.remove(UserID(rawValue: other), from: try request.roomID(), by: user, at: clock())
        return .success()
    }

    private func answer(_ room: RoomSummary, status: Int = 200) async -> HTTPResponse {
        let names = await names(in: [room])
        return .success(status: status) { RoomJSON.write(room, names: names, into: &$0) }
    }

    /// Names to show. Without PostgreSQL rooms are still listed, their participants without nicknames.
    private func names(in rooms: [RoomSummary]) async -> [UserID: UserSummary] {
        let ids = Set(rooms.flatMap { $0.participants.map(\.userID) })
        return (try? await self.rooms.names(of: ids.sorted())) ?? [:]
    }
}
