import Bytes
import CPQ
import Glibc

/// One connection to PostgreSQL. Owns libpq's handle. Every call blocks, so it belongs on a thread that may.
///
/// It is `Sendable` because the pool lends it to one thread at a time, and a thread that has it is the only one to call
/// it.
public final class PostgresConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    private let answerTimeoutMilliseconds: UInt64
    private var prepared: Set<String> = []
    /// Set once an answer was not waited for to its end: the connection is of no use any more.
    private var isAbandoned = false

    /// - Throws: `.connect`.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        guard let handle = configuration.connect() else { throw PostgresError(.connect, "out of memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw PostgresError(.connect, PostgresConnection.message(of: handle))
        }
        self.handle = handle
        answerTimeoutMilliseconds = configuration.answerTimeoutMilliseconds
        // Notices would go to standard error, between the lines of the log.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// Whether the connection can be used for something new: not broken, and in no transaction.
    var isIdle: Bool {
        !isAbandoned && PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    /// Whether the connection broke or was given up.
    var isLost: Bool { isAbandoned || PQstatus(handle) != CONNECTION_OK }

    /// Whether the server has said something while nothing was asked: it is going down, or has closed the connection.
    var hasUnexpectedInput: Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Runs a statement, and reads each row that it brings with `decode`.
    public func rows<Value>(
        of statement: PostgresStatement, _ parameters: [PostgresValue] = [],
        decode: (PostgresRow) throws(PostgresError) -> Value
    ) throws(PostgresError) -> [Value] {
        let result = try run(statement, parameters)
        var values: [Value] = []
        values.reserveCapacity(result.rowCount)
        for index in 0..<result.rowCount {
            values.append(try decode(PostgresRow(result, index)))
        }
        return values
    }

    /// Runs a statement of which at most one row is expected.
    public func row<Value>(
        of statement: PostgresStatement, _ parameters: [PostgresValue] = [],
        decode: (PostgresRow) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value? {
        try rows(of: statement, parameters, decode: decode).first
    }

    /// Runs a statement for what it does.
    public func execute(_ statement: PostgresStatement, _ parameters: [PostgresValue] = []) throws(PostgresError) {
        _ = try run(statement, parameters)
    }

    /// Runs any number of statements without parameters, for as long as they take.
    public func execute(script: String) throws(PostgresError) {
        try check(PQsendQuery(handle, script))
        _ = try answer(within: nil)
    }

    /// Runs `body` in a transaction, which is undone where `body` throws.
    public func transaction<Value>(
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try execute(script: "BEGIN")
        do {
            let value = try body(self)
            try execute(script: "COMMIT")
            return value
        } catch {
            // Where this fails too the pool sees that the connection is not idle, and the server undoes what is open.
            try? execute(script: "ROLLBACK")
            throw error
        }
    }

    private func run(
        _ statement: PostgresStatement, _ parameters: [PostgresValue]
    ) throws(PostgresError) -> PostgresResult {
        if !prepared.contains(statement.name) {
            let types = parameters.map(\.type.rawValue)
            try check(PQsendPrepare(handle, statement.name, statement.sql, Int32(types.count), types))
            _ = try answer(within: answerTimeoutMilliseconds)
            prepared.insert(statement.name)
        }
        try check(send(statement.name, parameters))
        return try answer(within: answerTimeoutMilliseconds)
    }

    private func send(_ name: String, _ parameters: [PostgresValue]) -> Int32 {
        var encoded = ByteWriter()
        var starts: [Int] = []
        for parameter in parameters {
            starts.append(encoded.count)
            parameter.encode(into: &encoded)
        }
        let lengths = zip(starts, starts.dropFirst() + [encoded.count]).map { Int32(clamping: $1 - $0) }
        // libpq takes a null pointer for NULL: with a byte more there is an address even where all are empty.
        encoded.append(0)
        return encoded.bytes.withUnsafeBytes { bytes in
            let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let values = starts.map { start in base.map { $0 + start } }
            let formats = [Int32](repeating: 1, count: values.count)
            return PQsendQueryPrepared(handle, name, Int32(values.count), values, lengths, formats, 1)
        }
    }
}

// What libpq is waited for with.
extension PostgresConnection {
    /// Throws unless libpq took a request.
    private func check(_ accepted: Int32) throws(PostgresError) {
        guard accepted == 1 else { throw PostgresError(.lost, PostgresConnection.message(of: handle)) }
    }

    /// Waits for the answer to what was sent, all of it; the last result, or the first that is an error.
    ///
    /// - Parameter milliseconds: for how long; nil waits without end.
    private func answer(within milliseconds: UInt64?) throws(PostgresError) -> PostgresResult {
        let deadline = milliseconds.map { MonotonicClock.milliseconds + $0 }
        var last: PostgresResult?
        var failure: PostgresError?
        while true {
            try waitForResult(until: deadline)
            guard let next = PQgetResult(handle) else { break }
            let result = PostgresResult(owning: next)
            if failure == nil {
                failure = error(in: result)
            }
            last = result
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(.lost, PostgresConnection.message(of: handle)) }
        return last
    }

    private func waitForResult(until deadline: UInt64?) throws(PostgresError) {
        while PQisBusy(handle) == 1 {
            let left = deadline.map { max(0, Int64($0) - Int64(MonotonicClock.milliseconds)) }
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, left.map { Int32(clamping: $0) } ?? -1)
            if ready == 0 {
                isAbandoned = true
                throw PostgresError(.timedOut, "no answer came in time")
            }
            guard ready > 0 else { continue }
            try check(PQconsumeInput(handle))
        }
    }

    private func error(in result: PostgresResult) -> PostgresError? {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return nil
        default:
            guard let state = result.diagnostic(PostgresDiagnostic.sqlState) else {
                return PostgresError(.lost, PostgresConnection.message(of: handle))
            }
            // The server's last words on a connection that it ends (class 57P: an operator's intervention).
            return PostgresError(
                state.hasPrefix("57P") ? .lost : .server, sqlState: state,
                constraint: result.diagnostic(PostgresDiagnostic.constraintName),
                result.diagnostic(PostgresDiagnostic.primaryMessage) ?? "no message")
        }
    }

    /// libpq's own words about its last failure, in one line.
    private static func message(of handle: OpaquePointer) -> String {
        let lines = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "the connection broke" : lines.joined(separator: "; ")
    }
}

/// The fields of an error, by libpq's letters for them.
private enum PostgresDiagnostic {
    static let sqlState: UnicodeScalar = "C"
    static let primaryMessage: UnicodeScalar = "M"
    static let constraintName: UnicodeScalar = "n"
}
