import Application
import Domain

/// Rooms and who is in them, in MongoDB.
public struct MongoRoomStore: RoomStore {
    private let mongo: MongoClientPool
    private let first = FirstParticipants()

    /// The store behind `mongo`, whose schema has been made by `MongoSchema.migrate`.
    public init(_ mongo: MongoClientPool) {
        self.mongo = mongo
    }

    /// Makes a group room with its participants in one transaction.
    public func createGroup(
        id: RoomID, title: String, owner: UserID, participantIDs: [UserID], at time: Timestamp
    ) async throws(StoreError) -> Room {
        let room = Room(
            id: id, type: .group, title: title, lastSeq: 0, lastMessage: nil, lastActiveAt: time, createdAt: time)
        let members = Set(participantIDs).subtracting([owner]).sorted()
        let participants = [(owner, Role.owner)] + members.map { ($0, Role.member) }
        return try await mongo.store { client throws(MongoError) in
            try RoomCreation.run(room, pairKey: nil, participants, client)
            return room
        }
    }

    /// The room of a pair of users, made where there is none. The unique pair key decides between two who ask at once.
    public func individualRoom(
        id: RoomID, between first: UserID, and second: UserID, at time: Timestamp
    ) async throws(StoreError) -> (room: Room, created: Bool) {
        let room = Room(
            id: id, type: .individual, title: nil, lastSeq: 0, lastMessage: nil, lastActiveAt: time, createdAt: time)
        let pairKey = RoomDocument.pairKey(first, second)
        return try await mongo.store { client throws(MongoError) in
            if let existing = try RoomCreation.room(of: pairKey, client) {
                return (existing, false)
            }
            do throws(MongoError) {
                try RoomCreation.run(room, pairKey: pairKey, [(first, .member), (second, .member)], client)
                return (room, true)
            } catch  where error.duplicateKeyFields == ["pairKey"] {
                guard let winner = try RoomCreation.room(of: pairKey, isLinearizable: true, client) else {
                    throw MongoError(.unavailable, "the room of the pair came and went")
                }
                return (winner, false)
            }
        }
    }

    /// A room with the asking user's place in it; nil where there is no such room or the user is not in it.
    public func room(_ id: RoomID, for user: UserID) async throws(StoreError) -> RoomSummary? {
        try await mongo.store { client throws(MongoError) in
            let filter = ParticipantDocument.filter(user, of: id)
            guard let own = try client.collection(.participants).findOne(filter) else { return nil }
            let list = RoomList(own: [own], first)
            return try list.summaries(after: nil, limit: 1, client).first
        }
    }

    /// The user's rooms, newest activity first, at most 100 of them.
    public func rooms(of user: UserID, limit: Int, cursor: String?) async throws(StoreError) -> Page<RoomSummary> {
        let limit = limit.clamped(to: MongoLimits.maxPage)
        return try await mongo.store { client throws(MongoError) in
            let own = try client.collection(.participants).find(
                BSONDocument { $0.append("userId", user) },
                FindOptions(
                    sort: BSONDocument { sort in
                        sort.append("userId", int32: -1)
                        sort.append("roomId", int32: -1)
                    },
                    limit: MongoLimits.maxRoomsPerUser))
            // One more than asked for tells whether there is a next page.
            let after = cursor.flatMap(RoomListCursor.init)
            let summaries = try RoomList(own: own, first).summaries(after: after, limit: limit + 1, client)
            let page = Array(summaries.prefix(limit))
            let next = summaries.count > limit ? page.last.map { RoomListCursor($0.room).description } : nil
            return Page(items: page, nextCursor: next)
        }
    }

    /// The participants of a room in order of their ids, at most 100 of them.
    public func participants(
        of room: RoomID, limit: Int, cursor: String?
    ) async throws(StoreError) -> Page<Participant> {
        let limit = limit.clamped(to: MongoLimits.maxPage)
        let last = cursor.flatMap { Int64($0) } ?? 0
        return try await mongo.store { client throws(MongoError) in
            let found = try ParticipantQuery.participants(
                of: room, after: UserID(rawValue: last), limit: limit + 1, client)
            let page = Array(found.prefix(limit))
            return Page(items: page, nextCursor: found.count > limit ? page.last?.userID.description : nil)
        }
    }

    /// A room's kind; nil where there is no such room.
    public func type(of room: RoomID) async throws(StoreError) -> RoomType? {
        try await mongo.store { client throws(MongoError) in
            let found = try client.collection(.rooms).findOne(
                BSONDocument { $0.append("_id", room) }, projection: BSONDocument { $0.append("type", int32: 1) })
            guard let found else { return nil }
            return try decoding { () throws(BSONError) in try RoomDocument.type(found) }
        }
    }

    /// The user's place in a room, nil where there is none.
    public func participant(_ user: UserID, of room: RoomID) async throws(StoreError) -> Participant? {
        try await mongo.store { client throws(MongoError) in
            guard
                let document = try client.collection(.participants).findOne(ParticipantDocument.filter(user, of: room))
            else { return nil }
            return try decoding { () throws(BSONError) in try ParticipantDocument.participant(document) }
        }
    }

    /// What the user may read of a room; nil where there is no such room or the user is not in it.
    public func readableRange(of room: RoomID, for user: UserID) async throws(StoreError) -> ReadableRange? {
        try await mongo.store { client throws(MongoError) in
            let own = try client.collection(.participants).findOne(
                ParticipantDocument.filter(user, of: room),
                projection: BSONDocument { $0.append("joinedSeq", int32: 1) })
            guard let own else { return nil }
            let found = try client.collection(.rooms).findOne(
                BSONDocument { $0.append("_id", room) }, projection: BSONDocument { $0.append("lastSeq", int32: 1) })
            guard let found else { return nil }
            return try decoding { () throws(BSONError) in
                ReadableRange(
                    joinedSeq: try own.value("joinedSeq", as: \.uint64),
                    lastSeq: try found.value("lastSeq", as: \.uint64))
            }
        }
    }

    /// What Redis has to know of a room; nil where there is no such room.
    public func warmState(of room: RoomID) async throws(StoreError) -> WarmState? {
        try await mongo.store { client throws(MongoError) in
            try RoomWarming.state(of: room, client)
        }
    }

    /// How far each of these rooms is stored; those that there are not are left out.
    public func heads(of rooms: [RoomID]) async throws(StoreError) -> [RoomID: RoomHead] {
        try await mongo.store { client throws(MongoError) in
            try RoomWarming.heads(of: rooms, client)
        }
    }
}
