import CMongoC

/// Reads what MongoDB has, past all of Shoot's own code: a check must not be made of what it checks.
enum StoredDocuments {
    /// One element of a document: its type's number, its name, and the bytes from its value on.
    struct Element {
        let type: UInt8
        let name: String
        let value: Slice<UnsafeRawBufferPointer>

        /// The value, read as the type of its name; nil where it is of another type.
        var objectID: MessageKey? { type == 0x07 ? MessageKey(bytes: value.prefix(12)) : nil }
        var number: UInt64? {
            type == 0x12 ? littleEndian(8) : type == 0x10 ? littleEndian(4) : nil
        }
        var isTrue: Bool { type == 0x08 && value.first == 1 }
        /// Length, then a subtype, then the bytes.
        var uuid: MessageName? { type == 0x05 ? MessageName(uuid: value.dropFirst(5).prefix(16)) : nil }
        /// Length, zero byte included, then the text.
        var string: String? {
            type == 0x02 ? String(decoding: value.dropFirst(4).prefix(Int(littleEndian(4)) - 1), as: UTF8.self) : nil
        }
        /// The elements of a document or an array.
        var elements: [Element] {
            type == 0x03 || type == 0x04 ? StoredDocuments.elements(of: UnsafeRawBufferPointer(rebasing: value)) : []
        }

        private func littleEndian(_ count: Int) -> UInt64 {
            value.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// How long the value is; nil where its type is none of those that are asked for.
        fileprivate var length: Int? {
            switch type {
            case 0x07: 12
            case 0x12, 0x09: 8
            case 0x10: 4
            case 0x08: 1
            case 0x0a: 0
            case 0x02: 4 + Int(littleEndian(4))
            case 0x03, 0x04: Int(littleEndian(4))
            case 0x05: 5 + Int(littleEndian(4))
            default: nil
            }
        }
    }

    /// Calls `take` with the elements of each document that is found; they are valid until it returns. May block.
    /// - Parameters:
    ///   - filter, options: as MongoDB's `find` has them, in extended JSON.
    static func find(
        _ filter: String, _ options: String, in collection: OpaquePointer, _ take: ([Element]) -> Void
    ) throws(BenchError) {
        let (filter, options) = (document(filter), document(options))
        defer {
            bson_destroy(filter)
            bson_destroy(options)
        }
        guard let cursor = mongoc_collection_find_with_opts(collection, filter, options, nil) else {
            throw .failed("MongoDB cannot be asked")
        }
        defer { mongoc_cursor_destroy(cursor) }
        var current: OpaquePointer?
        while mongoc_cursor_next(cursor, &current) {
            if let current, let bytes = bson_get_data(current) {
                let length = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
                take(elements(of: UnsafeRawBufferPointer(start: bytes, count: Int(length))))
            }
        }
        var error = bson_error_t()
        guard !mongoc_cursor_error(cursor, &error) else {
            throw .failed("MongoDB cannot be read, error \(error.code)")
        }
    }

    /// Opens a collection of the database that `url` names, for as long as `body` takes.
    static func with<Answer>(
        collection: String, of url: String, _ body: (OpaquePointer) throws(BenchError) -> Answer
    ) throws(BenchError) -> Answer {
        guard let uri = mongoc_uri_new(url) else { throw .failed("MongoDB's URL cannot be read") }
        defer { mongoc_uri_destroy(uri) }
        guard let client = mongoc_client_new_from_uri(uri) else { throw .failed("MongoDB cannot be reached") }
        defer { mongoc_client_destroy(client) }
        guard let name = mongoc_uri_get_database(uri),
            let opened = mongoc_client_get_collection(client, name, collection)
        else { throw .failed("MongoDB's URL names no database") }
        defer { mongoc_collection_destroy(opened) }
        return try body(opened)
    }

    private static func document(_ json: String) -> OpaquePointer? {
        bson_new_from_json(json, json.utf8.count, nil)
    }

    /// Walks over a document, up to what is of no type that is asked for: its type, its name up to a zero byte, its value.
    private static func elements(of bytes: UnsafeRawBufferPointer) -> [Element] {
        var found: [Element] = []
        var place = 4
        while place < bytes.count, bytes[place] != 0 {
            guard let end = bytes[(place + 1)...].firstIndex(of: 0) else { break }
            let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
            let element = Element(type: bytes[place], name: name, value: bytes[(end + 1)...])
            guard let length = element.length else { break }
            found.append(element)
            place = end + 1 + length
        }
        return found
    }
}
