import Application
import Domain

/// Accounts in PostgreSQL.
public struct PostgresUserStore: UserStore {
    private let pool: PostgresPool

    /// Keeps accounts in the database of `pool`.
    public init(_ pool: PostgresPool) { self.pool = pool }

    public func create(_ user: NewUser, session: NewRefreshToken) async throws(CreateUserError) -> User {
        do throws(PostgresError) {
            return try await pool.withTransaction { connection throws(PostgresError) in
                let made = try connection.row(
                    of: Statements.insert,
                    [
                        .text(user.username.text), .text(user.nickname.text), .text(user.passwordHash),
                        .text(user.userCode.text), .timestamp(session.createdAt),
                    ], decode: PostgresUserStore.user)
                guard let made else { throw PostgresError(.unexpected, "the new account did not come back") }
                try RefreshFamilies.open(session, for: made.id, on: connection)
                return made
            }
        } catch {
            switch error.constraint {
            case "users_username_key": throw .usernameTaken
            case "users_user_code_key": throw .userCodeTaken
            default: throw .store(StoreError(error))
            }
        }
    }

    public func credentials(
        of username: Username
    ) async throws(StoreError) -> (user: User, passwordHash: String)? {
        try await ask { () async throws(PostgresError) in
            try await pool.row(of: Statements.credentials, [.text(username.text)]) { row throws(PostgresError) in
                (user: try PostgresUserStore.user(row), passwordHash: try row.text("password_hash"))
            }
        }
    }

    public func user(_ id: UserID) async throws(StoreError) -> User? {
        try await ask { () async throws(PostgresError) in
            try await pool.row(
                of: Statements.byID, [.int64(id.rawValue)], decode: PostgresUserStore.user)
        }
    }

    public func users(_ ids: [UserID]) async throws(StoreError) -> [UserSummary] {
        guard !ids.isEmpty else { return [] }
        return try await ask { () async throws(PostgresError) in
            try await pool.rows(of: Statements.summaries, [.int64s(ids.map(\.rawValue))]) { row throws(PostgresError) in
                UserSummary(
                    id: UserID(rawValue: try row.int64("id")),
                    username: try row.value("username", Username.init),
                    nickname: try row.value("nickname", Nickname.init),
                    profileImageURL: try row.optionalText("profile_image_url"))
            }
        }
    }

    public func unknown(among ids: [UserID]) async throws(StoreError) -> [UserID] {
        let known = Set(try await users(ids).map(\.id))
        return ids.filter { !known.contains($0) }
    }

    private func ask<Value: Sendable>(
        _ body: () async throws(PostgresError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(PostgresError) {
            return try await body()
        } catch {
            throw StoreError(error)
        }
    }

    /// A whole account out of a row of `users`.
    static func user(_ row: PostgresRow) throws(PostgresError) -> User {
        User(
            id: UserID(rawValue: try row.int64("id")), username: try row.value("username", Username.init),
            nickname: try row.value("nickname", Nickname.init), status: try row.value("status", UserStatus.init),
            profileImageURL: try row.optionalText("profile_image_url"),
            backgroundImageURL: try row.optionalText("background_image_url"),
            lastSeenAt: try row.optionalTimestamp("last_seen_at"), bio: try row.optionalText("bio"),
            userCode: try row.value("user_code", UserCode.init), role: try row.value("role", UserRole.init),
            createdAt: try row.timestamp("created_at"))
    }

    private enum Statements {
        static let insert = PostgresStatement(
            "insert_user",
            """
            INSERT INTO users (username, nickname, password_hash, user_code, created_at)
            VALUES ($1, $2, $3, $4, $5) RETURNING *
            """)
        static let credentials = PostgresStatement(
            "credentials", isIdempotent: true, "SELECT * FROM users WHERE username = $1 AND NOT is_deleted")
        static let byID = PostgresStatement(
            "user", isIdempotent: true, "SELECT * FROM users WHERE id = $1 AND NOT is_deleted")
        static let summaries = PostgresStatement(
            "summaries", isIdempotent: true,
            """
            SELECT id, username, nickname, profile_image_url FROM users
            WHERE id = ANY ($1) AND NOT is_deleted ORDER BY id
            """)
    }
}

extension PostgresRow {
    /// A column whose text is read by `read`.
    /// - Throws: `.unexpected` where it is not of that form.
    func value<Value>(_ column: String, _ read: (String) -> Value?) throws(PostgresError) -> Value {
        guard let value = read(try text(column)) else {
            throw PostgresError(.unexpected, "column \(column) is not of its form")
        }
        return value
    }
}

extension StoreError {
    /// What a failure of PostgreSQL means to whoever asked.
    init(_ error: PostgresError) {
        self = error.isUnavailable ? .unavailable(error.message) : .failed(error.description)
    }
}
