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
        let sort = BSONDocument { sort in
            sort.append("roomId", int32: 1)
            sort.append("userId", int32: 1)
        }
        let found = try client.collection(.participants).find(filter, FindOptions(sort: sort, limit: limit))
        return try decoding { () throws(BSONError) in try found.map(ParticipantDocument.participant) }
    }
}
