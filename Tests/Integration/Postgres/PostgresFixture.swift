import Application
import Domain
import Postgres
import Support

/// A database of a test's own, with the schema made.
struct PostgresFixture {
    let pool: PostgresPool
    let users: PostgresUserStore
    let tokens: PostgresRefreshTokenStore
    let url: String

    static let time = Timestamp(milliseconds: 1_700_000_000_123)

    /// Runs `body` with a fresh database and takes the connections down again.
    static func with(connections: Int = 4, _ body: (PostgresFixture) async throws -> Void) async throws {
        let url = try await TestServers.shared.freshPostgresURL()
        try await with(PostgresConfiguration(url: url, connections: connections)) { pool in
            try await PostgresMigrator.migrate(pool)
            try await body(
                PostgresFixture(
                    pool: pool, users: PostgresUserStore(pool), tokens: PostgresRefreshTokenStore(pool), url: url))
        }
    }

    /// Runs `body` with a pool and closes it.
    static func with(
        _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Void
    ) async throws {
        let pool = PostgresPool(configuration)
        do {
            try await body(pool)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    /// A moment some seconds after `time`.
    static func time(after seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + seconds * 1000)
    }

    /// A refresh token made of a number, given out some seconds after `time` and good for an hour.
    static func token(_ number: UInt8, after seconds: Int64 = 0) -> NewRefreshToken {
        NewRefreshToken(
            hash: hash(number), createdAt: time(after: seconds), expiresAt: time(after: seconds + 3600))
    }

    static func hash(_ number: UInt8) -> RefreshTokenHash {
        RefreshTokenHash(bytes: [UInt8](repeating: number, count: 32))
    }

    /// Makes an account of this name, its user code and its first refresh token made of a number.
    func signUp(_ name: String, _ number: UInt8) async throws -> User {
        try await users.create(PostgresFixture.newUser(name, number), session: PostgresFixture.token(number))
    }

    static func newUser(_ name: String, _ number: UInt8) throws -> NewUser {
        guard let username = Username(name), let nickname = Nickname("Nick \(name)"),
            let code = UserCode(randomBytes: [number >> 5] + [UInt8](repeating: number, count: UserCode.length - 1))
        else { preconditionFailure("cannot make an account of \(name)") }
        return NewUser(username: username, nickname: nickname, passwordHash: "hash of \(name)", userCode: code)
    }

    /// Runs a statement that only tests need.
    func run(_ sql: String) async throws {
        try await pool.withTransaction { connection throws(PostgresError) in try connection.execute(script: sql) }
    }

    /// The number that a statement brings.
    func number(_ sql: String) async throws -> Int64? {
        try await pool.row(of: PostgresStatement(sql, "SELECT (\(sql))::bigint AS number")) {
            row throws(PostgresError) in try row.int64("number")
        }
    }
}
