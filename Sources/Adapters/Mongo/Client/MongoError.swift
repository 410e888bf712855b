import CMongoC

/// Why MongoDB did not do what it was asked.
public struct MongoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is, and so what may be done about it.
    public enum Domain: Sendable, Equatable {
        /// The connection string or an option in it is wrong.
        case configuration
        /// Too many calls wait already, or the pool has shut down: nothing was sent.
        case overloaded
        /// The server is out of reach, has no primary, asks to try again or has not reached a majority: whether a write
        /// was done is not known.
        case unavailable
        /// A unique index holds this key already.
        case duplicateKey
        /// The server refuses this document or command, for good.
        case refused
        /// The server, or the database, answered with something else than was expected.
        case protocolFault
    }

    /// What kind of fault it is.
    public let domain: Domain
    /// The server's code, or the driver's where the server was not asked.
    public let code: Int32
    /// The cause in words, as the server or the driver gives it.
    public let message: String
    /// What the server says may be done, such as `TransientTransactionError`.
    public let labels: [String]
    /// The fields of the unique index that holds the key already, in order.
    public let duplicateKeyFields: [String]

    init(
        _ domain: Domain, code: Int32 = 0, _ message: String, labels: [String] = [],
        duplicateKeyFields: [String] = []
    ) {
        self.domain = domain
        self.code = code
        self.message = message
        self.labels = labels
        self.duplicateKeyFields = duplicateKeyFields
    }

    /// Whether the same call may succeed later.
    public var isRetriable: Bool { domain == .unavailable || domain == .overloaded }

    /// Whether a unique index holds this key already.
    public var isDuplicateKey: Bool { domain == .duplicateKey }

    public var description: String { "mongodb \(domain) \(code): \(message)" }
}

extension MongoError {
    /// The driver's error with what the server said about it.
    init(_ error: bson_error_t, reply: BSONDocument?) {
        let code = Int32(truncatingIfNeeded: error.code)
        let labels = (reply?["errorLabels"]?.array ?? []).compactMap(\.string)
        self.init(
            MongoError.domain(of: error, labels: labels), code: code, error.text, labels: labels,
            duplicateKeyFields: reply?["keyPattern"]?.document?.keys ?? [])
    }

    /// One of the errors that a bulk write names for one of its documents or for its write concern.
    init(entry: BSONDocument) {
        let code = Int32(clamping: entry["code"]?.int64 ?? 0)
        self.init(
            ServerCode.domain(of: code), code: code, entry["errmsg"]?.string ?? "no message",
            duplicateKeyFields: entry["keyPattern"]?.document?.keys ?? [])
    }

    /// A document in the database that is not as this program writes it.
    init(_ error: BSONError) {
        self.init(.protocolFault, error.description)
    }

    private static func domain(of error: bson_error_t, labels: [String]) -> Domain {
        guard !labels.contains("TransientTransactionError"), !labels.contains("RetryableWriteError") else {
            return .unavailable
        }
        switch mongoc_error_domain_t(error.domain) {
        case MONGOC_ERROR_STREAM, MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_POOL, MONGOC_ERROR_WRITE_CONCERN:
            return .unavailable
        case MONGOC_ERROR_CLIENT, MONGOC_ERROR_SASL, MONGOC_ERROR_SCRAM:
            // Not authenticated, or no connection: it says nothing about the request.
            return .unavailable
        case MONGOC_ERROR_SERVER, MONGOC_ERROR_QUERY, MONGOC_ERROR_CURSOR, MONGOC_ERROR_COMMAND,
            MONGOC_ERROR_COLLECTION, MONGOC_ERROR_INSERT:
            return ServerCode.domain(of: Int32(truncatingIfNeeded: error.code))
        case MONGOC_ERROR_PROTOCOL:
            return .protocolFault
        default:
            return .refused
        }
    }
}

extension bson_error_t {
    /// The message as text.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
