import Application
import Domain

/// Reads what Redis has to know of a room that it does not hold.
enum RoomWarming {
    /// How often it is read anew while somebody changes the membership.
    private static let attempts = 5

    /// The state of a room, nil where there is no such room. May block.
    ///
    /// Participants are other documents than the room: if its membership version changed while they were read, they are
    /// read again, so that version and members are of one moment.
    static func state(of room: RoomID, _ client: borrowing MongoClient) throws(MongoError) -> WarmState? {
        for _ in 0..<attempts {
            guard let before = try head(of: room, client) else { return nil }
            let members = try ParticipantQuery.participants(
                of: room, after: UserID(rawValue: 0), limit: RoomRules.maxParticipants, client)
            guard let after = try head(of: room, client) else { return nil }
            guard before.stored.membershipVersion == after.stored.membershipVersion else { continue }
            return WarmState(
                epoch: before.stored.epoch, last: before.stored.last, lastMessageAt: before.lastMessageAt,
                membershipVersion: before.stored.membershipVersion,
                members: members.map {
                    WarmState.Member(userID: $0.userID, role: $0.role, joinedSeq: $0.joinedSeq)
                })
        }
        throw MongoError(.unavailable, "the room's membership changes too fast to be read")
    }

    /// How far each of these rooms is stored; those that there are not are left out. May block.
    static func heads(
        of rooms: [RoomID], _ client: borrowing MongoClient
    ) throws(MongoError) -> [RoomID: RoomHead] {
        let filter = BSONDocument { filter in
            filter.append("_id") { id in
                id.append("$in", array: rooms) { $0.append($1, $2) }
            }
        }
        let found = try client.collection(.rooms).find(
            filter, FindOptions(projection: projection, limit: max(rooms.count, 1)))
        return try decoding { () throws(BSONError) in
            var heads: [RoomID: RoomHead] = [:]
            for document in found {
                heads[try document.value("_id", as: \.objectID)] = try head(document).stored
            }
            return heads
        }
    }

    private static let projection = BSONDocument { fields in
        for field: BSONKey in ["epoch", "savedPosition", "membershipVersion", "lastMessage.at"] {
            fields.append(field, int32: 1)
        }
    }

    private static func head(
        of room: RoomID, _ client: borrowing MongoClient
    ) throws(MongoError) -> (stored: RoomHead, lastMessageAt: Timestamp)? {
        let found = try client.collection(.rooms).findOne(
            BSONDocument { $0.append("_id", room) }, projection: projection)
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in try head(found) }
    }

    private static func head(
        _ document: BSONDocument
    ) throws(BSONError) -> (stored: RoomHead, lastMessageAt: Timestamp) {
        let message = try document.valueIfPresent("lastMessage", as: \.document)
        let stored = RoomHead(
            epoch: try document.value("epoch", as: \.uint64), last: try RoomDocument.savedPosition(document),
            membershipVersion: try document.value("membershipVersion", as: \.uint64))
        return (stored, try message?.value("at", as: \.timestamp) ?? Timestamp(milliseconds: 0))
    }
}
