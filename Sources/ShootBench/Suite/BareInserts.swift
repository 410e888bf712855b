import CMongoC

/// What libmongoc reaches by itself: one client, one loop, documents like a message's in bulk writes to `messages`, with
/// its indexes and the persister's write concern. The yardstick of the persister.
enum BareInserts {
    /// Documents a second.
    static func run(url: String, count: Int, batch: Int) throws(BenchError) -> Double {
        guard let uri = mongoc_uri_new(url) else { throw .failed("MongoDB's URL cannot be read") }
        defer { mongoc_uri_destroy(uri) }
        guard let client = mongoc_client_new_from_uri(uri) else { throw .failed("MongoDB cannot be reached") }
        defer { mongoc_client_destroy(client) }
        let concern = mongoc_write_concern_new()
        defer { mongoc_write_concern_destroy(concern) }
        mongoc_write_concern_set_wmajority(concern, 10_000)
        mongoc_write_concern_set_journal(concern, true)
        mongoc_client_set_write_concern(client, concern)
        guard let name = mongoc_uri_get_database(uri),
            let collection = mongoc_client_get_collection(client, name, "messages")
        else { throw .failed("MongoDB's URL names no database") }
        defer { mongoc_collection_destroy(collection) }
        var room = bson_oid_t()
        bson_oid_init(&room, nil)
        let start = monotonicNanoseconds()
        var next = 0
        while next < count {
            let end = min(next + batch, count)
            try insert(next..<end, room: &room, into: collection)
            next = end
        }
        return Double(count) / (Double(monotonicNanoseconds() - start) / 1e9)
    }

    private static func insert(
        _ numbers: Range<Int>, room: inout bson_oid_t, into collection: OpaquePointer
    ) throws(BenchError) {
        guard let bulk = mongoc_collection_create_bulk_operation_with_opts(collection, nil) else {
            throw .failed("libmongoc makes no bulk write")
        }
        defer { mongoc_bulk_operation_destroy(bulk) }
        let document = bson_new()
        let content = bson_new()
        let reply = bson_new()
        defer {
            bson_destroy(document)
            bson_destroy(content)
            bson_destroy(reply)
        }
        bson_append_utf8(content, "text", -1, String(repeating: "x", count: 80), -1)
        bson_append_utf8(content, "type", -1, "TEXT", -1)
        for number in numbers {
            var id = bson_oid_t()
            bson_oid_init(&id, nil)
            var tempID = [UInt8](repeating: 7, count: 16)
            withUnsafeBytes(of: number) { tempID.replaceSubrange(0..<8, with: $0) }
            bson_reinit(document)
            bson_append_oid(document, "_id", -1, &id)
            bson_append_oid(document, "roomId", -1, &room)
            bson_append_int64(document, "seq", -1, Int64(number + 1))
            bson_append_int64(document, "senderId", -1, 1)
            bson_append_date_time(document, "createdAt", -1, WallClock.milliseconds)
            bson_append_binary(document, "tempId", -1, BSON_SUBTYPE_UUID, tempID, 16)
            bson_append_document(document, "content", -1, content)
            mongoc_bulk_operation_insert(bulk, document)
        }
        var error = bson_error_t()
        guard mongoc_bulk_operation_execute(bulk, reply, &error) != 0 else {
            throw .failed("MongoDB refuses the bare inserts, error \(error.code)")
        }
    }
}
