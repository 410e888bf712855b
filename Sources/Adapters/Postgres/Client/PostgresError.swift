import Threads

/// Why PostgreSQL did not do what it was asked.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Kind: Sendable, Equatable {
        /// Too many calls wait already, or the pool is closed: nothing was sent.
        case overloaded
        /// The server could not be reached: nothing was sent.
        case connect
        /// The connection broke, or the server ended it: whether the statement was done is not known.
        case lost
        /// No answer came in time: whether the statement was done is not known.
        case timedOut
        /// The server answered with an error.
        case server
        /// The server answered with something else than was expected.
        case unexpected
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// The server's five-character code (PostgreSQL, appendix A), nil where the server did not answer.
    public let sqlState: String?
    /// The constraint that was broken, if it is about one.
    public let constraint: String?
    /// The cause in words, as the server or the driver gives it.
    public let message: String

    init(_ kind: Kind, sqlState: String? = nil, constraint: String? = nil, _ message: String) {
        self.kind = kind
        self.sqlState = sqlState
        self.constraint = constraint
        self.message = message
    }

    init(_ error: BlockingPoolError) { self.init(.overloaded, error.description) }

    /// Whether the server is out of reach, going down, full or asks to try again: nothing is known to be wrong with the
    /// request itself.
    public var isUnavailable: Bool {
        switch kind {
        case .overloaded, .connect, .lost, .timedOut: true
        case .server: sqlState.map(PostgresError.isTransient) ?? false
        case .unexpected: false
        }
    }

    public var description: String {
        let state = sqlState.map { " \($0)" } ?? ""
        return "postgres \(kind)\(state): \(message)"
    }

    private static func isTransient(_ sqlState: String) -> Bool {
        switch sqlState.prefix(2) {
        // Connection, resources (such as too many connections), an operator's shut-down.
        case "08", "53": true
        case "57": sqlState != "57000"
        // Serialization failure, deadlock, and a standby that was promised to be the primary.
        default: sqlState == "40001" || sqlState == "40P01" || sqlState == "25006"
        }
    }
}
