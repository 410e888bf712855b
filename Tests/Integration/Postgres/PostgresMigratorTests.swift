import Domain
import Support
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(5))) struct PostgresMigratorTests {
    private static func step(_ version: Int64, _ sql: String) -> Migration {
        Migration(version: version, name: "step\(version)", sql: Array(sql.utf8))
    }

    private func withEmptyDatabase(_ body: (PostgresPool) async throws -> Void) async throws {
        let url = try await TestServers.shared.freshPostgresURL()
        try await PostgresFixture.with(PostgresConfiguration(url: url), body)
    }

    private func tables(_ pool: PostgresPool) async throws -> [String] {
        let statement = PostgresStatement(
            "tables", "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return try await pool.rows(of: statement) { row throws(PostgresError) in try row.text("name") }
    }

    @Test func makesTheSchemaOnce() async throws {
        try await withEmptyDatabase { pool in
            let made = try await PostgresMigrator.migrate(pool)
            #expect(made == Migration.all.map(\.name))
            #expect(try await tables(pool) == ["refresh_families", "refresh_tokens", "schema_migrations", "users"])
            #expect(try await PostgresMigrator.migrate(pool) == [])
        }
    }

    @Test func migratorsTakeTurns() async throws {
        try await withEmptyDatabase { pool in
            let made = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask { try await PostgresMigrator.migrate(pool) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(made == Migration.all.map(\.name))
        }
    }

    @Test func goesOnFromWhereItWas() async throws {
        try await withEmptyDatabase { pool in
            let first = Self.step(1, "CREATE TABLE a (n bigint); INSERT INTO a VALUES (1)")
            let second = Self.step(2, "CREATE TABLE b AS SELECT n FROM a")
            let made = try await PostgresMigrator.migrate(pool, by: [first])
            #expect(made == ["step1"])
            #expect(try await PostgresMigrator.migrate(pool, by: [first, second]) == ["step2"])
            #expect(try await tables(pool) == ["a", "b", "schema_migrations"])
        }
    }

    @Test func leavesNothingHalfDone() async throws {
        try await withEmptyDatabase { pool in
            let good = Self.step(1, "CREATE TABLE a (n bigint)")
            let bad = Self.step(2, "CREATE TABLE b (n bigint); SELECT nonsense")
            let error = await #expect(throws: MigrationError.self) {
                try await PostgresMigrator.migrate(pool, by: [good, bad])
            }
            guard case .postgres(let cause) = error else {
                Issue.record("another error: \(String(describing: error))")
                return
            }
            #expect(cause.sqlState == "42703")
            let left = try await tables(pool)
            #expect(left == [])
        }
    }

    @Test func refusesAStepThatWasChanged() async throws {
        try await withEmptyDatabase { pool in
            _ = try await PostgresMigrator.migrate(pool, by: [Self.step(1, "CREATE TABLE a (n bigint)")])
            await #expect(throws: MigrationError.changed(version: 1, name: "step1")) {
                try await PostgresMigrator.migrate(pool, by: [Self.step(1, "CREATE TABLE a (n text)")])
            }
        }
    }
}
