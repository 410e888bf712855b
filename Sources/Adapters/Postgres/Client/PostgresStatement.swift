/// A statement that a connection prepares when it first runs it.
public struct PostgresStatement: Sendable {
    /// Names it on the connection: one name, one text.
    public let name: String
    /// The text, its parameters written `$1`, `$2`, …
    public let sql: String
    /// Whether running it twice leaves what running it once leaves. Such a statement is run again when the connection
    /// breaks under it.
    public let isIdempotent: Bool

    public init(_ name: String, isIdempotent: Bool = false, _ sql: String) {
        self.name = name
        self.sql = sql
        self.isIdempotent = isIdempotent
    }
}
