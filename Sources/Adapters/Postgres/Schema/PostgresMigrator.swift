/// Brings the schema up to date, as `shoot migrate` does.
///
/// All steps that are missing are made in one transaction, under a lock that lets one migrator in at a time: several may
/// start at once, and one that dies leaves nothing half done. The table `schema_migrations` says what has been done.
public enum PostgresMigrator {
    /// Makes the missing steps and answers what they are called; none where the schema is up to date.
    @discardableResult
    public static func migrate(_ pool: PostgresPool) async throws(MigrationError) -> [String] {
        try await migrate(pool, by: Migration.all)
    }

    static func migrate(_ pool: PostgresPool, by migrations: [Migration]) async throws(MigrationError) -> [String] {
        let outcome: Result<[String], MigrationError>
        do throws(PostgresError) {
            outcome = try await pool.withTransaction { connection throws(PostgresError) in
                try makeMissing(of: migrations, on: connection)
            }
        } catch {
            throw .postgres(error)
        }
        return try outcome.get()
    }

    /// What the plan refuses is answered, not thrown: nothing has been changed by then that had to be undone.
    private static func makeMissing(
        of migrations: [Migration], on connection: PostgresConnection
    ) throws(PostgresError) -> Result<[String], MigrationError> {
        try connection.execute(script: MigratorSQL.prepare)
        let applied = try connection.rows(of: MigratorSQL.applied) { row throws(PostgresError) in
            AppliedMigration(version: try row.int64("version"), checksum: try row.text("checksum"))
        }
        var known: [(migration: Migration, checksum: String)] = []
        for migration in migrations {
            let checksum = try connection.row(of: MigratorSQL.checksum, [.bytes(migration.sql)]) {
                row throws(PostgresError) in try row.text("checksum")
            }
            known.append((migration, checksum ?? ""))
        }
        let pending: [Migration]
        do throws(MigrationError) {
            pending = try MigrationPlan.pending(known, applied: applied)
        } catch {
            return .failure(error)
        }
        for migration in pending {
            try connection.execute(script: String(decoding: migration.sql, as: UTF8.self))
            try connection.execute(
                MigratorSQL.record, [.int64(migration.version), .text(migration.name), .bytes(migration.sql)])
        }
        return .success(pending.map(\.name))
    }
}

private enum MigratorSQL {
    /// The lock's number is "shoot" in ASCII. A step may take longer than other statements may.
    static let prepare = """
        SET LOCAL statement_timeout = 0;
        SELECT pg_advisory_xact_lock(x'73686f6f74'::bigint);
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version    bigint PRIMARY KEY,
            name       text NOT NULL,
            checksum   text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        """

    static let applied = PostgresStatement(
        "migrations_applied", "SELECT version, checksum FROM schema_migrations ORDER BY version")

    static let checksum = PostgresStatement(
        "migration_checksum", "SELECT encode(sha256($1), 'hex') AS checksum")

    static let record = PostgresStatement(
        "migration_record",
        "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, encode(sha256($3), 'hex'))")
}
