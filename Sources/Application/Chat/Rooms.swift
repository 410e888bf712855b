import Domain

/// Making, finding and listing rooms.
public struct Rooms: Sendable {
    private let store: any RoomStore
    private let users: any UserStore
    private let makeID: @Sendable (Timestamp) -> RoomID

    public init(store: any RoomStore, users: any UserStore, makeID: @escaping @Sendable (Timestamp) -> RoomID) {
        self.store = store
        self.users = users
        self.makeID = makeID
    }

    /// Makes a group room, whose owner `user` is.
    /// - Throws: `Refusal` naming `title` or `participantIds`, or `STORE_UNAVAILABLE`.
    public func createGroup(
        title: String, participantIDs: [UserID], by user: UserID, at time: Timestamp
    ) async throws(Refusal) -> RoomSummary {
        let title = try RoomRules.title(title)
        let others = Set(participantIDs).subtracting([user])
        guard others.count < RoomRules.maxParticipants else {
            throw .invalid("participantIds", "at most \(RoomRules.maxParticipants - 1) others")
        }
        try await requireUsers(others.sorted())
        let room = try await answer { () async throws(StoreError) in
            try await store.createGroup(
                id: makeID(time), title: title, owner: user, participantIDs: others.sorted(), at: time)
        }
        return try await summary(of: room.id, for: user)
    }

    /// The room of `user` and one other, made where there is none; `created` says which.
    /// - Throws: `Refusal` naming `participantIds`, or `STORE_UNAVAILABLE`.
    public func individualRoom(
        participantIDs: [UserID], by user: UserID, at time: Timestamp
    ) async throws(Refusal) -> (room: RoomSummary, created: Bool) {
        guard participantIDs.count == 1, let other = participantIDs.first, other != user else {
            throw .invalid("participantIds", "exactly one user, not oneself")
        }
        try await requireUsers([other])
        let found = try await answer { () async throws(StoreError) in
            try await store.individualRoom(id: makeID(time), between: user, and: other, at: time)
        }
        return (try await summary(of: found.room.id, for: user), found.created)
    }

    /// A room that the user is in.
    /// - Throws: `Refusal` `ROOM_NOT_FOUND`: who is not in a room does not learn whether it exists.
    public func summary(of room: RoomID, for user: UserID) async throws(Refusal) -> RoomSummary {
        let found = try await answer { () async throws(StoreError) in try await store.room(room, for: user) }
        guard let found else { throw Refusal(.roomNotFound, "there is no such room, or you are not in it") }
        return found
    }

    /// The user's rooms, newest activity first.
    public func list(of user: UserID, limit: Int, cursor: String?) async throws(Refusal) -> Page<RoomSummary> {
        try await answer { () async throws(StoreError) in
            try await store.rooms(of: user, limit: limit, cursor: cursor)
        }
    }

    /// Who is in a room that the user is in.
    public func participants(
        of room: RoomID, for user: UserID, limit: Int, cursor: String?
    ) async throws(Refusal) -> Page<Participant> {
        _ = try await summary(of: room, for: user)
        return try await answer { () async throws(StoreError) in
            try await store.participants(of: room, limit: limit, cursor: cursor)
        }
    }

    /// The names of these users, for showing them.
    public func names(of ids: [UserID]) async throws(Refusal) -> [UserID: UserSummary] {
        let found = try await answer { () async throws(StoreError) in try await users.users(ids) }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }

    private func requireUsers(_ ids: [UserID]) async throws(Refusal) {
        guard !ids.isEmpty else { return }
        let unknown = try await answer { () async throws(StoreError) in try await users.unknown(among: ids) }
        guard let first = unknown.first else { return }
        throw Refusal(
            .userNotFound, "there is no user \(first)",
            fields: [FieldViolation(field: "participantIds", rule: "ids of existing users")])
    }
}
