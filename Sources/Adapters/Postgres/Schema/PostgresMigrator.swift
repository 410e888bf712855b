import Domain

/// Brings the schema up to date: runs the migrations that have not run yet, in order, all or none.
public enum PostgresMigrator {
    private struct Migration {
        let number: Int64
        let name: String
        let script: String
    }

    private static let migrations = [
        Migration(
            number: 1, name: "users",
            script: String(decoding: PackageResources._001_users_sql, as: UTF8.self))
    ]

    /// Two processes that migrate at once take turns by this number, which nobody else locks.
    private static let advisoryLock: Int64 = 0x5348_4F4F_54

    /// Runs what has not run yet. Running it again changes nothing.
    /// - Throws: `PostgresError`; nothing is changed then.
    public static func migrate(_ pool: PostgresPool) async throws(PostgresError) {
        try await pool.withTransaction { connection throws(PostgresError) in
            try connection.execute(
                script: """
                    SELECT pg_advisory_xact_lock(\(advisoryLock));
                    CREATE TABLE IF NOT EXISTS schema_migrations (
                        number bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                    """)
            let done = Set(
                try connection.rows(
                    of: PostgresStatement("migrations", isIdempotent: true, "SELECT number FROM schema_migrations")
                ) { row throws(PostgresError) in try row.int64("number") })
            for migration in migrations where !done.contains(migration.number) {
                try connection.execute(script: migration.script)
                try connection.execute(
                    PostgresStatement("migrated", "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)"),
                    [.int64(migration.number), .text(migration.name)])
            }
        }
    }
}
