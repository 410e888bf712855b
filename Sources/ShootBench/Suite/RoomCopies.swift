import CMongoC

/// Rooms that are made like one that is there: its documents under other ids, in bulk writes. A transaction for each
/// room, as the gateway makes one, would take minutes for a hundred thousand.
struct RoomCopies {
    /// MongoDB's, with the database.
    let url: String

    /// Rooms of one write.
    private static let batch = 1000

    /// Makes a room for each of `ids`, with as many members as the room `model` has.
    /// - Parameters:
    ///   - model: a room with the first of `members`.
    ///   - ids: 12 bytes each.
    ///   - members: those of `model`, then those of each new room; the first of each owns it.
    func make(like model: [UInt8], ids: [[UInt8]], members: [[Int64]]) throws(BenchError) {
        guard let uri = mongoc_uri_new(url) else { throw .failed("MongoDB's URL cannot be read") }
        defer { mongoc_uri_destroy(uri) }
        guard let client = mongoc_client_new_from_uri(uri), let name = mongoc_uri_get_database(uri) else {
            throw .failed("MongoDB's URL names no database")
        }
        defer { mongoc_client_destroy(client) }
        let rooms = mongoc_client_get_collection(client, name, "rooms")
        defer { mongoc_collection_destroy(rooms) }
        let participants = mongoc_client_get_collection(client, name, "participants")
        defer { mongoc_collection_destroy(participants) }
        let room = try Self.find("_id", model, in: rooms).map { DocumentTemplate($0, room: model) }
        let places = try Self.find("roomId", model, in: participants).map { DocumentTemplate($0, room: model) }
        let inOrder = members[0].compactMap { user in places.first { $0.user == user } }
        guard room.count == 1, inOrder.count == members[0].count else {
            throw .failed("the room that others are made like is not whole")
        }
        for first in stride(from: 0, to: ids.count, by: Self.batch) {
            let batch = first..<min(first + Self.batch, ids.count)
            try Self.insert(batch.map { room[0].copy(room: ids[$0], user: 0) }, into: rooms)
            let copies = batch.flatMap { index in
                zip(inOrder, members[index + 1]).map { $0.copy(room: ids[index], user: $1) }
            }
            try Self.insert(copies, into: participants)
        }
    }

    /// The bytes of all documents whose field `key` is an id.
    private static func find(
        _ key: String, _ id: [UInt8], in collection: OpaquePointer?
    ) throws(BenchError) -> [[UInt8]] {
        var oid = bson_oid_t()
        bson_oid_init_from_data(&oid, id)
        let filter = bson_new()
        defer { bson_destroy(filter) }
        bson_append_oid(filter, key, -1, &oid)
        guard let cursor = mongoc_collection_find_with_opts(collection, filter, nil, nil) else {
            throw .failed("libmongoc makes no query")
        }
        defer { mongoc_cursor_destroy(cursor) }
        var found: [[UInt8]] = []
        var document: OpaquePointer?
        while mongoc_cursor_next(cursor, &document) {
            guard let bytes = bson_get_data(document) else { continue }
            // A document begins with its length (bsonspec.org).
            let length = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
            found.append(Array(UnsafeBufferPointer(start: bytes, count: Int(UInt32(littleEndian: length)))))
        }
        return found
    }

    private static func insert(_ documents: [[UInt8]], into collection: OpaquePointer?) throws(BenchError) {
        guard let bulk = mongoc_collection_create_bulk_operation_with_opts(collection, nil) else {
            throw .failed("libmongoc makes no bulk write")
        }
        defer { mongoc_bulk_operation_destroy(bulk) }
        for bytes in documents {
            let document = bson_new_from_data(bytes, bytes.count)
            mongoc_bulk_operation_insert(bulk, document)
            bson_destroy(document)
        }
        let reply = bson_new()
        defer { bson_destroy(reply) }
        var error = bson_error_t()
        guard mongoc_bulk_operation_execute(bulk, reply, &error) != 0 else {
            throw .failed("MongoDB refuses copies of a room, error \(error.code)")
        }
    }
}

/// A document with the places where a copy of it has other ids.
private struct DocumentTemplate {
    private let bytes: [UInt8]
    private let roomPlaces: [Int]
    private let userPlaces: [Int]

    /// - Parameter room: the id that stands for the room, wherever it is.
    init(_ bytes: [UInt8], room: [UInt8]) {
        self.bytes = bytes
        roomPlaces = Self.places(of: room, in: bytes)
        // 64-bit integers of these names: their type, the name, zero, then the value.
        userPlaces = ["user", "userId"].flatMap { name in
            let key = [0x12] + Array(name.utf8) + [0]
            return Self.places(of: key, in: bytes).map { $0 + key.count }
        }
    }

    /// Whose place in a room it is; nil where it is nobody's.
    var user: Int64? {
        userPlaces.first.map { place in
            bytes[place..<(place + 8)].reversed().reduce(0) { $0 << 8 | Int64($1) }
        }
    }

    func copy(room: [UInt8], user: Int64) -> [UInt8] {
        var copy = bytes
        for place in roomPlaces {
            copy.replaceSubrange(place..<(place + room.count), with: room)
        }
        for place in userPlaces {
            withUnsafeBytes(of: user.littleEndian) { copy.replaceSubrange(place..<(place + 8), with: $0) }
        }
        return copy
    }

    private static func places(of part: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= part.count else { return [] }
        return (0...(bytes.count - part.count)).filter { bytes[$0...].starts(with: part) }
    }
}
