import Application
import Domain

/// Puts new rooms into MongoDB.
enum RoomCreation {
    /// Stores a room and its participants, all of it or nothing. May block.
    ///
    /// - Throws: a duplicate key over `pairKey` where the pair has a room already.
    static func run(
        _ room: Room, pairKey: String?, _ participants: [(UserID, Role)], _ client: borrowing MongoClient
    ) throws(MongoError) {
        var batch = BSONBatch(capacity: participants.count * 256)
        for (user, role) in participants {
            let participant = Participant(
                userID: user, role: role, joinedAt: room.createdAt, joinedSeq: 0, lastReadSeq: 0)
            _ = batch.append { writer in
                ParticipantDocument.writeID(user, of: room.id, into: &writer)
                ParticipantDocument.writeFields(participant, of: room.id, version: 1, into: &writer)
            }
        }
        try client.transaction { transaction throws(MongoError) in
            try transaction.collection(.rooms).insertOne {
                RoomDocument.write(room, pairKey: pairKey, into: &$0)
            }
            try transaction.collection(.participants).insert(batch, ordered: true).check()
        }
    }

    /// The room of a pair, if there is one. Whoever lost the race to make it reads linearizably: the winner's room is
    /// there, but a read at majority may not show it yet.
    static func room(
        of pairKey: String, isLinearizable: Bool = false, _ client: borrowing MongoClient
    ) throws(MongoError) -> Room? {
        var options = FindOptions(limit: 1)
        options.isLinearizable = isLinearizable
        let found = try client.collection(.rooms).find(BSONDocument { $0.append("pairKey", pairKey) }, options).first
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in try RoomDocument.room(found) }
    }
}
