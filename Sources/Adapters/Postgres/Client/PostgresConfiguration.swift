import CPQ

/// Where PostgreSQL is and how it is talked to.
public struct PostgresConfiguration: Sendable {
    /// A connection string of libpq, as a URL or as `key=value` pairs. What it says goes before what is set here,
    /// but for the encoding, which is UTF-8.
    public var url: String
    /// Most connections, and as many threads.
    public var connections: Int
    /// How long the server works on one statement, in milliseconds.
    public var statementTimeoutMilliseconds: Int
    /// How long an answer may take to come, in milliseconds.
    public var answerTimeoutMilliseconds: UInt64

    public init(
        url: String, connections: Int = PostgresLimits.connections,
        statementTimeoutMilliseconds: Int = PostgresLimits.statementTimeoutMilliseconds,
        answerTimeoutMilliseconds: UInt64 = PostgresLimits.answerTimeoutMilliseconds
    ) {
        self.url = url
        self.connections = connections
        self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
        self.answerTimeoutMilliseconds = answerTimeoutMilliseconds
    }

    /// libpq's parameters in order: of a keyword that comes twice the last counts, the URL's among them.
    private var parameters: [(keyword: String, value: String)] {
        [
            ("application_name", "shoot"),
            ("connect_timeout", "\(PostgresLimits.connectTimeoutSeconds)"),
            ("tcp_user_timeout", "\(PostgresLimits.unacknowledgedMilliseconds)"),
            ("options", "-c statement_timeout=\(statementTimeoutMilliseconds)"),
            ("dbname", url),
            ("client_encoding", "UTF8"),
        ]
    }

    /// Opens a connection; blocks for as long as connecting may take. What comes is to be finished, good or not.
    func connect() -> OpaquePointer? {
        let strings = parameters.flatMap { [$0.keyword, $0.value] }.map { Array($0.utf8CString) }
        let starts = strings.reduce(into: [0]) { starts, string in
            starts.append(starts[starts.count - 1] + string.count)
        }
        let characters = strings.flatMap(\.self)
        return characters.withUnsafeBufferPointer { characters in
            guard let base = characters.baseAddress else { return nil }
            let pointers = starts.dropLast().map { Optional(base + $0) }
            let keywords = stride(from: 0, to: pointers.count, by: 2).map { pointers[$0] } + [nil]
            let values = stride(from: 1, to: pointers.count, by: 2).map { pointers[$0] } + [nil]
            return PQconnectdbParams(keywords, values, 1)
        }
    }
}
