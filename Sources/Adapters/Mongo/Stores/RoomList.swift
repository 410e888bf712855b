import Application
import Domain

/// The rooms that a user is in.
///
/// A message must not cost a write for each participant, so that activity is kept with the room alone: the list sorts
/// the user's rooms each time, by their ids, and looks up participants only for those it shows.
struct RoomList {
    private let own: [BSONDocument]
    private let first: FirstParticipants

    /// The list of a user with these places in rooms.
    init(own: [BSONDocument], _ first: FirstParticipants) {
        self.own = own
        self.first = first
    }

    /// The first `limit` rooms behind a cursor, newest activity first. May block.
    func summaries(
        after cursor: RoomListCursor?, limit: Int, _ client: borrowing MongoClient
    ) throws(MongoError) -> [RoomSummary] {
        let places = try decoding { () throws(BSONError) in
            var places: [RoomID: BSONDocument] = [:]
            for document in own {
                places[try document.value("roomId", as: \.objectID)] = document
            }
            return places
        }
        guard !places.isEmpty else { return [] }
        let shown = FindOptions(sort: RoomList.newestFirst, limit: limit)
        let found = try client.collection(.rooms).find(filter(Array(places.keys), after: cursor), shown)
        let (rooms, versions) = try decoding { () throws(BSONError) in
            (try found.map(RoomDocument.room), try found.map(RoomDocument.version))
        }
        let participants = try first.participants(of: zip(rooms, versions).map { ($0.id, $1) }) {
            missing throws(MongoError) in
            try ParticipantQuery.first(RoomSummary.maxParticipants, of: missing, client)
        }
        // Of all places only those are decoded that are shown.
        return try decoding { () throws(BSONError) in
            var summaries: [RoomSummary] = []
            for room in rooms {
                guard let place = places[room.id] else { continue }
                let own = try ParticipantDocument.participant(place)
                summaries.append(RoomSummary(room: room, participants: participants[room.id] ?? [], own: own))
            }
            return summaries
        }
    }

    private func filter(_ rooms: [RoomID], after cursor: RoomListCursor?) -> BSONDocument {
        BSONDocument { filter in
            filter.append("_id") { id in
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
            filter.append("$or", array: behind) { $0.append($1, $2) }
        }
    }

    private static let newestFirst = BSONDocument { sort in
        sort.append("lastActiveAt", int32: -1)
        sort.append("_id", int32: -1)
    }
}
