import CMongoC
import CMongoShim

/// What came of a bulk write.
struct BulkResult {
    /// One of its writes that was refused.
    struct Refusal {
        /// Its place in the bulk write, from 0.
        let index: Int
        let error: MongoError
    }

    /// What was refused, in order.
    var refusals: [Refusal] = []

    /// Nothing asked, nothing done.
    init() {}

    /// Reads the driver's merged reply.
    ///
    /// - Throws: an error that says nothing about a single write.
    init(_ reply: BSONDocument, error: MongoError?) throws(MongoError) {
        if let concern = reply["writeConcernErrors"]?.array?.first?.document {
            // Done, but perhaps on too few servers to last: to the caller it is the same as not done.
            let fault = MongoError(entry: concern)
            throw MongoError(.unavailable, code: fault.code, fault.message)
        }
        for entry in (reply["writeErrors"]?.array ?? []).compactMap(\.document) {
            let fault = MongoError(entry: entry)
            guard !fault.isRetriable else { throw fault.labelled(error?.labels ?? []) }
            refusals.append(Refusal(index: Int(entry["index"]?.int64 ?? 0), error: fault))
        }
        if let error, refusals.isEmpty || error.isRetriable {
            throw error
        }
    }

    /// Throws what was refused first, if anything was.
    func check() throws(MongoError) {
        if let refusal = refusals.first {
            throw refusal.error
        }
    }
}

extension MongoError {
    /// The same with labels.
    fileprivate func labelled(_ labels: [String]) -> MongoError {
        MongoError(domain, code: code, message, labels: labels, duplicateKeyFields: duplicateKeyFields)
    }
}

/// Writes that go to the server in one call, or as few as their size allows.
struct MongoBulkWrite: ~Copyable {
    private let bulk: OpaquePointer
    private var count = 0

    /// An empty one; in an ordered one the first write that is refused ends it.
    init(_ collection: borrowing MongoCollection, ordered: Bool) throws(MongoError) {
        guard let bulk = collection.startBulk(ordered: ordered) else {
            throw MongoError(.refused, "the options are not a document")
        }
        self.bulk = bulk
    }

    deinit {
        mongoc_bulk_operation_destroy(bulk)
    }

    /// Adds documents to insert. The driver copies their bytes once, into what it sends.
    mutating func insert(_ batch: borrowing BSONBatch) throws(MongoError) {
        count += batch.count
        try add { error in
            batch.withUnsafeBytes { shim_bulk_insert(bulk, shim_bytes(lending: $0), &error) }
        }
    }

    /// Adds a change of the first document that matches `filter`; `upsert` makes one where there is none.
    mutating func updateOne(_ filter: BSONDocument, _ update: BSONDocument, upsert: Bool = false) throws(MongoError) {
        count += 1
        let options = BSONDocument { $0.append("upsert", bool: upsert) }
        try add { error in
            filter.lend { filter in
                update.lend { update in
                    options.lend { shim_bulk_update_one(bulk, filter, update, $0, &error) }
                }
            }
        }
    }

    /// Adds the removal of the first document that matches `filter`.
    mutating func deleteOne(_ filter: BSONDocument) throws(MongoError) {
        count += 1
        try add { error in
            filter.lend { shim_bulk_delete_one(bulk, $0, &error) }
        }
    }

    /// Does all of it.
    consuming func execute() throws(MongoError) -> BulkResult {
        guard count > 0 else { return BulkResult() }
        let (reply, error) = try MongoReply.outcome { shim_bulk_execute(bulk, &$0, &$1) }
        return try BulkResult(reply, error: error)
    }

    private func add(_ body: (inout bson_error_t) -> Bool) throws(MongoError) {
        var error = bson_error_t()
        guard body(&error) else { throw MongoError(error, reply: nil) }
    }
}
