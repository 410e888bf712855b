import Application
import Domain

/// The rooms that a user is in.
///
/// A message must not cost a write for each participant, so that activity is kept with the room alone: the list sorts
/// the user's rooms each time, by their ids, and looks up participants only for those it shows.
struct RoomList {
    private let own: [BSONDocument]

    /// The list of a user with these places in rooms.
    init(own: [BSONDocument]) {
        self.own = own
    }

    /// The first `limit` rooms behind a cursor, newest activity first. May block.
    func summaries(
        after cursor: RoomListCursor?, limit: Int, _ client: borrowing MongoClient
    ) throws(MongoError) -> [RoomSummary] {
        let places = try decoding { () throws(BSONError) in
            var places: [RoomID: Participant] = [:]
            for document in own {
                places[try document.value("roomId", as: \.objectID)] = try ParticipantDocument.participant(document)
            }
            return places
        }
        guard !places.isEmpty else { return [] }
        let stages = [match(Array(places.keys), after: cursor), sort, self.limit(limit), lookUpParticipants]
        let found = try client.collection(.rooms).aggregate(stages)
        return try decoding { () throws(BSONError) in
            var summaries: [RoomSummary] = []
            for document in found {
                let room = try RoomDocument.room(document)
                guard let place = places[room.id] else { continue }
                let participants = try document.value("participants", as: \.array).compactMap(\.document)
                    .map(ParticipantDocument.participant)
                summaries.append(RoomSummary(room: room, participants: participants, own: place))
            }
            return summaries
        }
    }

    private func match(_ rooms: [RoomID], after cursor: RoomListCursor?) -> BSONDocument {
        BSONDocument { stage in
            stage.append("$match") { match in
                match.append("_id") { id in
                    id.append("$in", array: rooms) { $0.append($1, $2) }
                }
                guard let cursor else { return }
                let behind = [
                    BSONDocument { $0.append("lastActiveAt") { $0.append("$lt", cursor.lastActiveAt) } },
                    BSONDocument {
                        $0.append("lastActiveAt", cursor.lastActiveAt)
                        $0.append("_id") { $0.append("$lt", cursor.id) }
                    },
                ]
                match.append("$or", array: behind) { $0.append($1, $2) }
            }
        }
    }

    private var sort: BSONDocument {
        BSONDocument { stage in
            stage.append("$sort") { sort in
                sort.append("lastActiveAt", int32: -1)
                sort.append("_id", int32: -1)
            }
        }
    }

    private func limit(_ count: Int) -> BSONDocument {
        BSONDocument { $0.append("$limit", int64: Int64(count)) }
    }

    private var lookUpParticipants: BSONDocument {
        let first = [
            BSONDocument { $0.append("$sort") { $0.append("userId", int32: 1) } },
            limit(RoomSummary.maxParticipants),
        ]
        return BSONDocument { stage in
            stage.append("$lookup") { lookUp in
                lookUp.append("from", CollectionName.participants.rawValue)
                lookUp.append("localField", "_id")
                lookUp.append("foreignField", "roomId")
                lookUp.append("pipeline", array: first) { $0.append($1, $2) }
                lookUp.append("as", "participants")
            }
        }
    }
}
