import Domain

/// Reads who is in a room.
enum ParticipantQuery {
    /// Participants in order of their ids, those after `user`. May block.
    static func participants(
        of room: RoomID, after user: UserID, limit: Int, _ client: borrowing MongoClient
    ) throws(MongoError) -> [Participant] {
        let filter = BSONDocument { filter in
            filter.append("roomId", room)
            filter.append("userId") { $0.append("$gt", user) }
        }
        let found = try client.collection(.participants).find(filter, FindOptions(sort: inOrder, limit: limit))
        return try decoding { () throws(BSONError) in try found.map(ParticipantDocument.participant) }
    }

    /// The first `count` participants of each of these rooms, in order of their ids. May block.
    ///
    /// One query for all rooms, since one for each costs MongoDB several times as much. Large rooms among them could fill
    /// its bound and leave others without: then each is asked on its own.
    static func first(
        _ count: Int, of rooms: [RoomID], _ client: borrowing MongoClient
    ) throws(MongoError) -> [RoomID: [Participant]] {
        guard !rooms.isEmpty else { return [:] }
        let filter = BSONDocument { filter in
            filter.append("roomId") { id in
                id.append("$in", array: rooms) { $0.append($1, $2) }
            }
        }
        let limit = count * rooms.count
        let found = try client.collection(.participants).find(filter, FindOptions(sort: inOrder, limit: limit))
        var participants: [RoomID: [Participant]] = [:]
        guard found.count < limit || rooms.count == 1 else {
            for room in rooms {
                participants[room] = try self.participants(
                    of: room, after: UserID(rawValue: 0), limit: count, client)
            }
            return participants
        }
        try decoding { () throws(BSONError) in
            for document in found {
                let room = try document.value("roomId", as: \.objectID)
                if participants[room, default: []].count < count {
                    participants[room, default: []].append(try ParticipantDocument.participant(document))
                }
            }
        }
        return participants
    }

    /// Along the index `room_user`.
    private static let inOrder = BSONDocument { sort in
        sort.append("roomId", int32: 1)
        sort.append("userId", int32: 1)
    }
}
