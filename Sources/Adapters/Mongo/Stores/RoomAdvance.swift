import Application
import Domain

/// Moves rooms on to what has been stored of them.
///
/// Every step leaves alone what is further on already, so that a late or repeated call changes nothing. The rooms'
/// positions come last: as long as they have not moved, all of it is done again.
enum RoomAdvance {
    /// Does it. May block.
    static func run(_ rooms: [RoomProgress], _ client: borrowing MongoClient) throws(MongoError) {
        for room in rooms where !room.membership.isEmpty {
            try applyMembership(room, client)
        }
        try move(
            rooms, messages: client.collection(.messages), participants: client.collection(.participants),
            rooms: client.collection(.rooms))
    }

    /// Moves all but the membership: the rooms' positions last.
    static func move(
        _ progress: [RoomProgress], messages: borrowing MongoCollection, participants: borrowing MongoCollection,
        rooms: borrowing MongoCollection
    ) throws(MongoError) {
        try change(progress.flatMap(\.changes), in: messages).check()
        try advanceReads(progress, participants)
        try rooms.write(ordered: false) { bulk throws(MongoError) in
            for room in progress {
                try bulk.updateOne(BSONDocument { $0.append("_id", room.roomID) }, RoomDocument.update(room))
            }
        }.check()
    }

    /// Makes messages what they are after a change.
    static func change(
        _ changed: [Message], in messages: borrowing MongoCollection
    ) throws(MongoError) -> BulkResult {
        try messages.write(ordered: false) { bulk throws(MongoError) in
            for change in changed {
                try bulk.updateOne(MessageDocument.filter(change), MessageDocument.update(change))
            }
        }
    }

    /// Sending is reading: each sender has read up to their own newest message.
    private static func advanceReads(
        _ rooms: [RoomProgress], _ participants: borrowing MongoCollection
    ) throws(MongoError) {
        try participants.write(ordered: false) { bulk throws(MongoError) in
            for room in rooms {
                for (user, seq) in room.readBySenders {
                    let update = BSONDocument { $0.append("$max") { $0.append("lastReadSeq", seq) } }
                    try bulk.updateOne(ParticipantDocument.filter(user, of: room.roomID), update)
                }
            }
        }.check()
    }

    /// Applies the changes that are newer than the room's membership version, and moves the version with them.
    ///
    /// One transaction, because the version and the participants must not part: a late worker that read an old version
    /// would otherwise bring back somebody who has since been removed. It conflicts with the other one instead.
    private static func applyMembership(
        _ room: RoomProgress, _ client: borrowing MongoClient
    ) throws(MongoError) {
        try client.transaction { transaction throws(MongoError) in
            let rooms = transaction.collection(.rooms)
            let filter = BSONDocument { $0.append("_id", room.roomID) }
            let projection = BSONDocument { $0.append("membershipVersion", int32: 1) }
            guard let document = try rooms.findOne(filter, projection: projection) else { return }
            let version = try decoding { () throws(BSONError) in
                try document.value("membershipVersion", as: \.uint64)
            }
            let newer = room.membership.filter { $0.change.version > version }
            guard let last = newer.map(\.change.version).max() else { return }
            try transaction.collection(.participants).write(ordered: true) { bulk throws(MongoError) in
                for applied in newer {
                    try add(applied, of: room.roomID, to: &bulk)
                }
            }.check()
            try rooms.write(ordered: true) { bulk throws(MongoError) in
                let update = BSONDocument { $0.append("$set") { $0.append("membershipVersion", last) } }
                try bulk.updateOne(filter, update)
            }.check()
        }
    }

    private static func add(
        _ applied: AppliedMembership, of room: RoomID, to bulk: inout MongoBulkWrite
    ) throws(MongoError) {
        for user in applied.change.userIDs {
            let filter = ParticipantDocument.filter(user, of: room)
            switch applied.change.kind {
            case .left, .kicked:
                try bulk.deleteOne(filter)
            case .invited:
                let participant = Participant(
                    userID: user, role: .member, joinedAt: applied.at, joinedSeq: applied.seq,
                    lastReadSeq: applied.seq)
                let update = BSONDocument { update in
                    update.append("$setOnInsert") {
                        ParticipantDocument.writeFields(
                            participant, of: room, version: applied.change.version, into: &$0)
                    }
                }
                try bulk.updateOne(filter, update, upsert: true)
            }
        }
    }
}
