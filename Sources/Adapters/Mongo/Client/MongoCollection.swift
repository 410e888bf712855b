import CMongoC
import CMongoShim

/// The collections that there are.
enum CollectionName: String, CaseIterable {
    case rooms
    case participants
    case messages
    case deadLetters
}

/// What a `find` may be told besides its filter.
struct FindOptions {
    /// Fields in order, each 1 (ascending) or -1.
    var sort: BSONDocument?
    /// The fields to answer with; nil for all.
    var projection: BSONDocument?
    /// How many documents at most.
    var limit: Int
    /// Whether the answer must be the newest state that any majority acknowledged when the call was made, even where it
    /// has just been written by somebody else. Costs a round of the replica set.
    var isLinearizable = false

    /// At most `limit` documents.
    init(sort: BSONDocument? = nil, projection: BSONDocument? = nil, limit: Int) {
        self.sort = sort
        self.projection = projection
        self.limit = limit
    }
}

/// A collection, within a transaction or not. All its calls may block.
struct MongoCollection: ~Copyable {
    private let collection: OpaquePointer
    private let sessionID: Int64?

    /// The collection `name`; its calls belong to the session where there is one.
    init(client: OpaquePointer, database: String, name: CollectionName, sessionID: Int64?) {
        collection = mongoc_client_get_collection(client, database, name.rawValue)
        self.sessionID = sessionID
    }

    deinit {
        mongoc_collection_destroy(collection)
    }

    /// The documents that match.
    func find(_ filter: BSONDocument, _ options: FindOptions) throws(MongoError) -> [BSONDocument] {
        let written = write(options)
        let cursor = filter.lend { filter in written.lend { shim_find(collection, filter, $0) } }
        return try MongoCursor(cursor).documents()
    }

    /// The first document that matches, or nil.
    func findOne(_ filter: BSONDocument, projection: BSONDocument? = nil) throws(MongoError) -> BSONDocument? {
        try find(filter, FindOptions(projection: projection, limit: 1)).first
    }

    /// Inserts one document.
    ///
    /// - Throws: also where the server refuses it.
    func insertOne(_ build: (inout BSONWriter) -> Void) throws(MongoError) {
        var batch = BSONBatch(capacity: 512)
        guard batch.append(build) else { throw MongoError(.refused, "the document is too large") }
        try insert(batch, ordered: true).check()
    }

    /// Inserts all documents of a batch in one call; in an ordered one the first that is refused ends it.
    ///
    /// - Throws: where the call as a whole failed; what was refused is in the result.
    func insert(_ batch: borrowing BSONBatch, ordered: Bool) throws(MongoError) -> BulkResult {
        guard batch.count > 0 else { return BulkResult() }
        var bulk = try MongoBulkWrite(self, ordered: ordered)
        try bulk.insert(batch)
        return try bulk.execute()
    }

    /// Does several writes in one call; in an ordered one the first that is refused ends it.
    ///
    /// - Throws: where the call as a whole failed; what was refused is in the result.
    func write(
        ordered: Bool, _ build: (inout MongoBulkWrite) throws(MongoError) -> Void
    ) throws(MongoError) -> BulkResult {
        var bulk = try MongoBulkWrite(self, ordered: ordered)
        try build(&bulk)
        return try bulk.execute()
    }

    /// Starts a bulk write on this collection.
    func startBulk(ordered: Bool) -> OpaquePointer? {
        let options = BSONDocument { writer in
            writer.append("ordered", bool: ordered)
            appendSession(to: &writer)
        }
        return options.lend { shim_bulk_new(collection, $0) }
    }

    private func write(_ options: FindOptions) -> BSONDocument {
        BSONDocument { writer in
            writer.append("limit", int64: Int64(options.limit))
            if let sort = options.sort {
                writer.append("sort", sort)
            }
            if let projection = options.projection {
                writer.append("projection", projection)
            }
            if options.isLinearizable {
                writer.append("readConcern") { $0.append("level", "linearizable") }
                writer.append("maxTimeMS", int64: MongoLimits.writeConcernMilliseconds)
            }
            appendSession(to: &writer)
        }
    }

    private func appendSession(to writer: inout BSONWriter) {
        if let sessionID {
            writer.append("sessionId", int64: sessionID)
        }
    }
}
