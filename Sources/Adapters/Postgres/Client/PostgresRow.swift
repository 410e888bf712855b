import CPQ
import Domain

/// What a statement brought back. Owns libpq's result.
final class PostgresResult {
    fileprivate let result: OpaquePointer

    init(owning result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var status: ExecStatusType { PQresultStatus(result) }

    var rowCount: Int { Int(PQntuples(result)) }

    /// One of the server's own fields about an error, such as `PG_DIAG_SQLSTATE`.
    func diagnostic(_ field: UnicodeScalar) -> String? {
        PQresultErrorField(result, Int32(field.value)).map { String(cString: $0) }
    }
}

/// One row of a result. Columns are read by name, and only as the type that they have.
public struct PostgresRow {
    private let result: PostgresResult
    private let index: Int32

    init(_ result: PostgresResult, _ index: Int) {
        self.result = result
        self.index = Int32(index)
    }

    /// A column of type `bigint`.
    public func int64(_ column: String) throws(PostgresError) -> Int64 {
        try required(try value(of: column, as: .int8, PostgresRow.integer), column)
    }

    /// A column of type `boolean`.
    public func bool(_ column: String) throws(PostgresError) -> Bool {
        try required(try value(of: column, as: .bool) { $0.first.map { $0 != 0 } }, column)
    }

    /// A column of type `text`.
    public func text(_ column: String) throws(PostgresError) -> String {
        try required(try optionalText(column), column)
    }

    /// A column of type `text` that may be NULL.
    public func optionalText(_ column: String) throws(PostgresError) -> String? {
        try value(of: column, as: .text) { String(validating: $0, as: UTF8.self) }
    }

    /// A column of type `timestamptz`.
    public func timestamp(_ column: String) throws(PostgresError) -> Timestamp {
        try required(try optionalTimestamp(column), column)
    }

    /// A column of type `timestamptz` that may be NULL.
    public func optionalTimestamp(_ column: String) throws(PostgresError) -> Timestamp? {
        try value(of: column, as: .timestamptz, PostgresRow.integer).map(PostgresEpoch.timestamp)
    }

    private func required<Value>(_ value: Value?, _ column: String) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.unexpected, "column \(column) is NULL") }
        return value
    }

    /// The column's value; nil where it is NULL.
    /// - Throws: `.unexpected` where there is no such column, it is of another type or `decode` gives nil.
    private func value<Value>(
        of column: String, as type: PostgresType, _ decode: (UnsafeRawBufferPointer) -> Value?
    ) throws(PostgresError) -> Value? {
        let number = PQfnumber(result.result, column)
        guard number >= 0, PQftype(result.result, number) == type.rawValue else {
            throw PostgresError(.unexpected, "there is no column \(column) of type \(type)")
        }
        guard PQgetisnull(result.result, index, number) == 0 else { return nil }
        let length = Int(PQgetlength(result.result, index, number))
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result.result, index, number), count: length)
        guard let value = decode(bytes) else {
            throw PostgresError(.unexpected, "column \(column) does not hold a \(type)")
        }
        return value
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard bytes.count == MemoryLayout<Int64>.size else { return nil }
        return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
    }
}
