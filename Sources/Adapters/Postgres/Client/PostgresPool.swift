import Synchronization
import Threads

/// Connections to PostgreSQL, at most so many, each used by one of the pool's own threads at a time.
///
/// A connection is made when one is needed and kept; one that broke is thrown away and the next call makes a new one, so
/// that the server may go and come. Statements are prepared by each connection when it first runs them.
///
/// ```swift
/// let pool = PostgresPool(PostgresConfiguration(url: url))
/// let names = try await pool.rows(of: statement, [.int64(7)]) { row throws(PostgresError) in try row.text("username") }
/// await pool.close()
/// ```
public final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        /// Until then (monotonic milliseconds) nobody connects: it has just failed with this.
        var pause: (until: UInt64, failure: PostgresError)?
    }

    private let configuration: PostgresConfiguration
    private let threads: BlockingPool
    private let state = Mutex(State())

    /// A pool without any connection yet.
    public init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        threads = BlockingPool(
            name: "postgres", threads: configuration.connections, maxQueued: PostgresLimits.queuedCalls)
    }

    /// Runs one statement and reads each row that it brings with `decode`, on one of the pool's threads.
    ///
    /// An idempotent statement is run once more, on a new connection, when the connection breaks under it.
    public func rows<Value: Sendable>(
        of statement: PostgresStatement, _ parameters: [PostgresValue] = [],
        decode: @escaping @Sendable (PostgresRow) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> [Value] {
        try await lend(isIdempotent: statement.isIdempotent) { connection throws(PostgresError) in
            try connection.rows(of: statement, parameters, decode: decode)
        }
    }

    /// Runs one statement of which at most one row is expected.
    public func row<Value: Sendable>(
        of statement: PostgresStatement, _ parameters: [PostgresValue] = [],
        decode: @escaping @Sendable (PostgresRow) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value? {
        try await rows(of: statement, parameters, decode: decode).first
    }

    /// Runs one statement for what it does.
    public func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) {
        try await lend(isIdempotent: statement.isIdempotent) { connection throws(PostgresError) in
            try connection.execute(statement, parameters)
        }
    }

    /// Runs `body` in a transaction on one of the pool's threads; undone where `body` throws, never run twice.
    public func withTransaction<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await lend(isIdempotent: false) { connection throws(PostgresError) in
            try connection.transaction(body)
        }
    }

    /// Asks the server whether it answers.
    public func ping() async throws(PostgresError) {
        try await execute(PostgresStatement("ping", isIdempotent: true, "SELECT 1"))
    }

    /// Refuses new calls, waits for those accepted, and closes all connections.
    public func close() async {
        await threads.shutdown()
        state.withLock { $0.idle = [] }
    }

    private func lend<Value: Sendable>(
        isIdempotent: Bool, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let outcome: Result<Value, PostgresError>
        do throws(BlockingPoolError) {
            outcome = try await threads.result { () throws(PostgresError) in
                try self.run(body, again: isIdempotent)
            }
        } catch {
            throw PostgresError(error)
        }
        return try outcome.get()
    }

    private func run<Value>(
        _ body: (PostgresConnection) throws(PostgresError) -> Value, again: Bool
    ) throws(PostgresError) -> Value {
        do throws(PostgresError) {
            return try run(body)
        } catch {
            guard again, error.kind == .lost else { throw error }
            return try run(body)
        }
    }

    private func run<Value>(
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let connection = try take()
        defer { putBack(connection) }
        return try body(connection)
    }

    /// A connection that works as far as can be told without asking the server.
    private func take() throws(PostgresError) -> PostgresConnection {
        while let kept = state.withLock({ $0.idle.popLast() }) {
            if !kept.hasUnexpectedInput { return kept }
        }
        let now = MonotonicClock.milliseconds
        if let pause = state.withLock({ $0.pause }), now < pause.until {
            throw pause.failure
        }
        do {
            let connection = try PostgresConnection(configuration)
            state.withLock { $0.pause = nil }
            return connection
        } catch {
            let until = MonotonicClock.milliseconds + PostgresLimits.reconnectPauseMilliseconds
            state.withLock { $0.pause = (until, error) }
            throw error
        }
    }

    private func putBack(_ connection: PostgresConnection) {
        // What broke this one has most likely broken the others too. They are closed after the lock is released.
        _ = state.withLock { state -> [PostgresConnection] in
            if connection.isIdle {
                state.idle.append(connection)
            }
            guard connection.isLost else { return [] }
            defer { state.idle = [] }
            return state.idle
        }
    }
}
