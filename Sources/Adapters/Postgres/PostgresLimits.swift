/// What PostgreSQL's side is bounded by.
public enum PostgresLimits {
    /// Connections of one process, and threads that wait on them: accounts are asked at login and by REST calls, never
    /// per message, and PostgreSQL pays for each connection with a process.
    public static let connections = 4
    /// Calls that wait for a connection. Beyond that they fail at once: at a few ms each they would come too late.
    public static let queuedCalls = 1_000
    /// How long connecting may take, in seconds (libpq's least is 2).
    public static let connectTimeoutSeconds = 3
    /// How long the server works on one statement before it gives up, in milliseconds. All ours use an index.
    public static let statementTimeoutMilliseconds = 5_000
    /// How long an answer may take to come, in milliseconds: longer than a statement may, since a server that is alive
    /// answers by then with its own error.
    public static let answerTimeoutMilliseconds: UInt64 = 7_000
    /// How long after a failed connect all calls fail at once, in milliseconds: while the server is away nobody queues
    /// behind attempts to reach it.
    public static let reconnectPauseMilliseconds: UInt64 = 200
    /// How long a peer may leave what was sent unacknowledged, in milliseconds, before the connection counts as lost.
    public static let unacknowledgedMilliseconds = 10_000
}
