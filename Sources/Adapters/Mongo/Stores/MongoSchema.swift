/// The collections and their indexes (`docs/mongo-layout.md` says what is in them).
public enum MongoSchema {
    /// Makes what is not there yet. It may be run again at any time, also by several at once.
    public static func migrate(_ mongo: MongoClientPool) async throws(MongoError) {
        try await mongo.run { client throws(MongoError) in
            for collection in CollectionName.allCases {
                try create(collection, client)
                _ = try client.run(
                    BSONDocument { command in
                        command.append("createIndexes", collection.rawValue)
                        command.append("indexes", array: indexes(of: collection)) { $0.append($1, $2.document) }
                        appendMajority(to: &command)
                    })
            }
        }
    }

    private static func create(_ collection: CollectionName, _ client: borrowing MongoClient) throws(MongoError) {
        do throws(MongoError) {
            _ = try client.run(
                BSONDocument { command in
                    command.append("create", collection.rawValue)
                    appendMajority(to: &command)
                })
        } catch  where error.code == ServerCode.namespaceExists {
            return
        }
    }

    private static func appendMajority(to command: inout BSONWriter) {
        command.append("writeConcern") { $0.append("w", "majority") }
    }

    private static func indexes(of collection: CollectionName) -> [Index] {
        switch collection {
        case .rooms:
            // One room per pair, whoever asks first and on whichever gateway.
            [Index("pair", ["pairKey"], isUnique: true, onlyWith: "pairKey")]
        case .participants:
            [
                Index("room_user", ["roomId", "userId"], isUnique: true),
                Index("user_room", ["userId", "roomId"]),
            ]
        case .messages:
            [
                // No number has two meanings; history is read along it.
                Index("room_seq", ["roomId", "seq"], isUnique: true),
                // A repeat that comes later than the room log remembers is still stored once.
                Index("room_sender_temp", ["roomId", "senderId", "tempId"], isUnique: true, onlyWith: "tempId"),
                // What has changed since somebody was there.
                Index("room_changed", ["roomId", "changePosition"], onlyWith: "changePosition"),
            ]
        case .deadLetters:
            // They are listed by state, the newest first.
            [Index("state_failed", ["state", "failedAt", "_id"])]
        }
    }
}

/// An index over ascending fields.
private struct Index {
    let name: String
    let fields: [StaticString]
    let isUnique: Bool
    /// Only documents that have this field are in it.
    let required: StaticString?

    init(_ name: String, _ fields: [StaticString], isUnique: Bool = false, onlyWith required: StaticString? = nil) {
        self.name = name
        self.fields = fields
        self.isUnique = isUnique
        self.required = required
    }

    var document: BSONDocument {
        BSONDocument { index in
            index.append("name", name)
            index.append("key") { key in
                for field in fields {
                    key.append(.name(field), int32: 1)
                }
            }
            if isUnique {
                index.append("unique", bool: true)
            }
            if let required {
                index.append("partialFilterExpression") { filter in
                    filter.append(.name(required)) { $0.append("$exists", bool: true) }
                }
            }
        }
    }
}
