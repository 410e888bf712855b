import Domain

/// Inviting, kicking and leaving.
public struct Membership: Sendable {
    private let log: any MembershipLog
    private let store: any RoomStore
    private let users: any UserStore
    private let makeID: @Sendable (Timestamp) -> MessageID

    /// How many users one call may name: the log's entry names them all.
    public static let maxUsersPerCall = 100

    public init(
        log: any MembershipLog, store: any RoomStore, users: any UserStore,
        makeID: @escaping @Sendable (Timestamp) -> MessageID
    ) {
        self.log = log
        self.store = store
        self.users = users
        self.makeID = makeID
    }

    /// Lets users into a group room that `actor` is in.
    /// - Throws: `Refusal`: `userIds` at fault, `ROOM_NOT_FOUND`, `FORBIDDEN` in a 1:1 room, `STORE_UNAVAILABLE`,
    ///   `OUTCOME_UNKNOWN`.
    public func invite(_ ids: [UserID], to room: RoomID, by actor: UserID, at time: Timestamp) async throws(Refusal) {
        guard (1...Membership.maxUsersPerCall).contains(ids.count) else {
            throw .invalid("userIds", "1 to \(Membership.maxUsersPerCall) user ids")
        }
        let unknown = try await answer { () async throws(StoreError) in try await users.unknown(among: ids) }
        guard unknown.isEmpty else {
            throw Refusal(
                .userNotFound, "there is no user \(unknown[0])",
                fields: [FieldViolation(field: "userIds", rule: "ids of existing users")])
        }
        try await change(.invited, Set(ids).sorted(), room: room, actor: actor, at: time)
    }

    /// Puts a user out of a room, or lets `actor` leave it where it is oneself.
    /// - Throws: `Refusal`: `ROOM_NOT_FOUND`, `USER_NOT_FOUND` for who is not in it, `FORBIDDEN`, `STORE_UNAVAILABLE`,
    ///   `OUTCOME_UNKNOWN`.
    public func remove(_ user: UserID, from room: RoomID, by actor: UserID, at time: Timestamp) async throws(Refusal) {
        try await change(user == actor ? .left : .kicked, [user], room: room, actor: actor, at: time)
    }

    private func change(
        _ kind: MembershipChange.Kind, _ ids: [UserID], room: RoomID, actor: UserID, at time: Timestamp
    ) async throws(Refusal) {
        try await requireGroup(room, actor: actor)
        let request = MembershipRequest(
            room: room, actor: actor, kind: kind, userIDs: ids, messageID: makeID(time),
            text: await text(kind, ids, actor: actor))
        let refused: ErrorCode?
        do throws(RoomLogError) {
            refused = try await changeOnce(request)
        } catch {
            guard error == .outcomeUnknown else {
                throw Refusal(.storeUnavailable, "the room log is out of reach; try again")
            }
            throw Refusal(.outcomeUnknown, "the room log was cut off half-way: look who is in the room, then try again")
        }
        switch refused {
        case nil: return
        case .forbidden?: throw Refusal(.forbidden, "your role in the room does not allow that")
        case .notParticipant?: throw Membership.notFound
        case .userNotFound?: throw Refusal(.userNotFound, "the user is not in this room")
        case .tooMany?:
            throw Refusal(.tooMany, "a room has at most \(RoomRules.maxParticipants) participants")
        case .busy?:
            throw Refusal(
                .busy, "the room has too much that is not stored yet, or memory is short; try again",
                retryAfterMilliseconds: RoomRules.busyRetryMilliseconds)
        case let code?: throw Refusal(code, "the room did not take the change; try again")
        }
    }

    /// Who is in a group only its log knows for certain: MongoDB learns of it a moment later. A pair's room never changes.
    private func requireGroup(_ room: RoomID, actor: UserID) async throws(Refusal) {
        let type = try await answer { () async throws(StoreError) in try await store.type(of: room) }
        guard type != .group else { return }
        let place = try await answer { () async throws(StoreError) in try await store.participant(actor, of: room) }
        guard type != nil, place != nil else { throw Membership.notFound }
        throw Refusal(.forbidden, "a 1:1 room keeps its two participants")
    }

    /// Who is not in a room does not learn whether it exists.
    private static var notFound: Refusal { Refusal(.roomNotFound, "there is no such room, or you are not in it") }

    /// How often a cold room is warmed: it may be cooled again, or change, while it is read.
    private static let warmAttempts = 5

    /// How often a change is tried whose answer is lost; each try waits for the room log by itself.
    private static let maxTries = 3

    /// Repeats a change whose answer was lost: the log knows it by its message id, and answers what the first try came to.
    /// - Throws: `.outcomeUnknown` where it may have been made.
    private func changeOnce(_ request: MembershipRequest) async throws(RoomLogError) -> ErrorCode? {
        var wasSent = false
        for _ in 0..<Membership.maxTries {
            do throws(RoomLogError) {
                return try await changeWarm(request)
            } catch {
                wasSent = wasSent || error == .outcomeUnknown
                guard wasSent else { throw error }
            }
        }
        throw .outcomeUnknown
    }

    private func changeWarm(_ request: MembershipRequest) async throws(RoomLogError) -> ErrorCode? {
        for _ in 0..<Membership.warmAttempts {
            do throws(RoomLogError) {
                return try await log.change(request)
            } catch {
                guard error == .cold else { throw error }
            }
            guard try await log.warm(request.room, from: store) else { return .notParticipant }
        }
        throw .unavailable
    }

    /// What the room says; numbers stand for names where PostgreSQL is away.
    private func text(_ kind: MembershipChange.Kind, _ ids: [UserID], actor: UserID) async -> String {
        let found = (try? await users.users(ids + [actor])) ?? []
        func name(_ id: UserID) -> String { found.first { $0.id == id }?.nickname.text ?? "user \(id)" }
        let names = ids.map(name).joined(separator: ", ")
        return switch kind {
        case .invited: "\(name(actor)) invited \(names)"
        case .kicked: "\(name(actor)) removed \(names)"
        case .left: "\(name(actor)) left"
        }
    }
}
