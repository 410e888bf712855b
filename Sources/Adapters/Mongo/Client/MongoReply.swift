import CMongoC
import CMongoShim

/// A reply that the driver handed over: copied out once, then given back.
struct MongoReply: ~Copyable {
    private var reply = shim_reply()

    /// Runs a call that fills in a reply and an error, and checks both.
    ///
    /// - Returns: the reply.
    /// - Throws: what the driver and the server said, where the call failed; `.protocolFault` where the reply is no BSON.
    static func of(
        _ call: (inout shim_reply, inout bson_error_t) -> Bool
    ) throws(MongoError) -> BSONDocument {
        let (document, error) = try outcome(of: call)
        if let error {
            throw error
        }
        return document
    }

    /// The same for a call whose reply matters when it fails.
    static func outcome(
        of call: (inout shim_reply, inout bson_error_t) -> Bool
    ) throws(MongoError) -> (reply: BSONDocument, error: MongoError?) {
        var reply = MongoReply()
        var error = bson_error_t()
        let succeeded = call(&reply.reply, &error)
        let document: BSONDocument
        do throws(BSONError) {
            document = try reply.document()
        } catch {
            throw MongoError(error)
        }
        return (document, succeeded ? nil : MongoError(error, reply: document))
    }

    private func document() throws(BSONError) -> BSONDocument {
        guard let bytes = reply.bytes else { return BSONDocument() }
        return try BSONDocument(validating: Array(UnsafeBufferPointer(start: bytes, count: Int(reply.length))))
    }

    deinit {
        bson_free(reply.bytes)
    }
}

extension BSONDocument {
    /// Lends the document to a call of the shim.
    func lend<Result>(_ body: (shim_bytes) -> Result) -> Result {
        withUnsafeBytes { body(shim_bytes(lending: $0)) }
    }
}

extension shim_bytes {
    /// Borrows `buffer` for the length of a call.
    init(lending buffer: UnsafeRawBufferPointer) {
        self.init(bytes: buffer.assumingMemoryBound(to: UInt8.self).baseAddress, length: buffer.count)
    }

    /// A copy of the bytes.
    var copy: [UInt8] { Array(UnsafeBufferPointer(start: bytes, count: length)) }
}
