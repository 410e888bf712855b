import CMongoC

/// A message as it lies in MongoDB.
struct StoredMessage: Sendable {
    var id: MessageKey?
    var seq: UInt64 = 0
    /// nil: said by the room itself, or without its content.
    var name: MessageName?
    var isDeleted = false
    var isDuplicate = false
}

/// Reads what MongoDB has of some rooms, past all of Shoot's own code: a check must not be made of what it checks.
enum StoredMessages {
    /// The messages of each room, by their numbers. May block.
    static func read(url: String, rooms: [String]) throws(BenchError) -> [[StoredMessage]] {
        guard let uri = mongoc_uri_new(url) else { throw .failed("MongoDB's URL cannot be read") }
        defer { mongoc_uri_destroy(uri) }
        guard let client = mongoc_client_new_from_uri(uri) else { throw .failed("MongoDB cannot be reached") }
        defer { mongoc_client_destroy(client) }
        guard let name = mongoc_uri_get_database(uri),
            let collection = mongoc_client_get_collection(client, name, "messages")
        else { throw .failed("MongoDB's URL names no database") }
        defer { mongoc_collection_destroy(collection) }
        var stored: [[StoredMessage]] = []
        for room in rooms {
            stored.append(try messages(of: room, in: collection))
        }
        return stored
    }

    private static func messages(of room: String, in collection: OpaquePointer) throws(BenchError) -> [StoredMessage] {
        let filter = document(#"{"roomId":{"$oid":"\#(room)"}}"#)
        let options = document(
            #"{"sort":{"seq":1},"projection":{"_id":1,"seq":1,"tempId":1,"isDeleted":1,"duplicateOf":1},"#
                + #""readConcern":{"level":"majority"}}"#)
        defer {
            bson_destroy(filter)
            bson_destroy(options)
        }
        guard let cursor = mongoc_collection_find_with_opts(collection, filter, options, nil) else {
            throw .failed("MongoDB cannot be asked")
        }
        defer { mongoc_cursor_destroy(cursor) }
        var found: [StoredMessage] = []
        var current: OpaquePointer?
        while mongoc_cursor_next(cursor, &current) {
            if let current, let bytes = bson_get_data(current) {
                let length = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
                found.append(try message(UnsafeRawBufferPointer(start: bytes, count: Int(length))))
            }
        }
        var error = bson_error_t()
        guard !mongoc_cursor_error(cursor, &error) else {
            throw .failed("MongoDB cannot be read, error \(error.code)")
        }
        return found
    }

    private static func document(_ json: String) -> OpaquePointer? {
        bson_new_from_json(json, json.utf8.count, nil)
    }

    /// Walks over the elements of a document: type, name up to a zero byte, value.
    private static func message(_ bytes: UnsafeRawBufferPointer) throws(BenchError) -> StoredMessage {
        var message = StoredMessage()
        var place = 4
        while place < bytes.count, bytes[place] != 0 {
            let type = bytes[place]
            guard let end = bytes[(place + 1)...].firstIndex(of: 0) else { break }
            let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
            let value = bytes[(end + 1)...]
            switch (type, name) {
            case (0x07, "_id"): message.id = MessageKey(bytes: value.prefix(12))
            case (0x12, "seq"): message.seq = value.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            // Length, then a subtype, then the bytes.
            case (0x05, "tempId"): message.name = MessageName(uuid: value.dropFirst(5).prefix(16))
            case (0x08, "isDeleted"): message.isDeleted = value.first == 1
            case (0x07, "duplicateOf"): message.isDuplicate = true
            default: break
            }
            guard let length = length(of: type, value) else {
                throw .failed("a stored message has \(name) of type \(type)")
            }
            place = end + 1 + length
        }
        return message
    }

    /// How long a value is; nil where its type is none of those that are asked for.
    private static func length(of type: UInt8, _ value: Slice<UnsafeRawBufferPointer>) -> Int? {
        switch type {
        case 0x07: 12
        case 0x12, 0x09: 8
        case 0x10: 4
        case 0x08: 1
        case 0x0a: 0
        case 0x05: 5 + value.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        default: nil
        }
    }
}
