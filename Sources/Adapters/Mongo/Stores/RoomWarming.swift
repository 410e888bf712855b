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
            guard before.version == after.version else { continue }
            return WarmState(
                epoch: before.epoch, last: before.last, membershipVersion: before.version,
                members: members.map {
                    WarmState.Member(userID: $0.userID, role: $0.role, joinedSeq: $0.joinedSeq)
                })
        }
        throw MongoError(.unavailable, "the room's membership changes too fast to be read")
    }

    private static func head(
        of room: RoomID, _ client: borrowing MongoClient
    ) throws(MongoError) -> (epoch: UInt64, last: Position, version: UInt64)? {
        let projection = BSONDocument { fields in
            for field: BSONKey in ["epoch", "savedPosition", "membershipVersion"] {
                fields.append(field, int32: 1)
            }
        }
        let found = try client.collection(.rooms).findOne(
            BSONDocument { $0.append("_id", room) }, projection: projection)
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in
            (
                try found.value("epoch", as: \.uint64), try RoomDocument.savedPosition(found),
                try found.value("membershipVersion", as: \.uint64)
            )
        }
    }
}
