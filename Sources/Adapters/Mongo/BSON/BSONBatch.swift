/// Documents that are sent together, one behind the other in one run of bytes.
struct BSONBatch {
    private var writer: BSONWriter
    /// How many there are.
    private(set) var count = 0

    /// An empty batch with room for `capacity` bytes before it first grows.
    init(capacity: Int = 0) {
        writer = BSONWriter(capacity: capacity)
    }

    /// Appends a document unless it is longer than `MongoLimits.maxDocumentBytes`; false then.
    ///
    /// A document that no server takes would otherwise make the driver refuse all that are sent with it.
    mutating func append(_ build: (inout BSONWriter) -> Void) -> Bool {
        let start = writer.bytes.count
        writer.appendDocument(build)
        guard writer.bytes.count - start <= MongoLimits.maxDocumentBytes else {
            writer.truncate(to: start)
            return false
        }
        count += 1
        return true
    }

    /// Lends the bytes of all documents.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        writer.bytes.withUnsafeBytes(body)
    }
}
