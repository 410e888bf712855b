import CMongoC
import CMongoShim

/// The answer of a query while it is read. May block.
struct MongoCursor: ~Copyable {
    private let cursor: OpaquePointer

    /// Takes over what a query gave.
    init(_ cursor: OpaquePointer?) throws(MongoError) {
        guard let cursor else { throw MongoError(.refused, "the query is not a document") }
        self.cursor = cursor
    }

    deinit {
        mongoc_cursor_destroy(cursor)
    }

    /// All documents. A query is bounded by its limit, so that this is, too.
    consuming func documents() throws(MongoError) -> [BSONDocument] {
        var documents: [BSONDocument] = []
        var current = shim_bytes()
        while shim_cursor_next(cursor, &current) {
            do throws(BSONError) {
                documents.append(try BSONDocument(validating: current.copy))
            } catch {
                throw MongoError(error)
            }
        }
        var error = bson_error_t()
        guard shim_cursor_error(cursor, &error, &current) else { return documents }
        let reply = current.length > 0 ? try? BSONDocument(validating: current.copy) : nil
        throw MongoError(error, reply: reply)
    }
}
