import Application
import Domain

/// Refresh tokens in PostgreSQL.
public struct PostgresRefreshTokenStore: RefreshTokenStore {
    private let pool: PostgresPool

    /// Keeps refresh tokens in the database of `pool`.
    public init(_ pool: PostgresPool) { self.pool = pool }

    public func open(_ token: NewRefreshToken, for user: UserID) async throws(StoreError) {
        do throws(PostgresError) {
            try await pool.withTransaction { connection throws(PostgresError) in
                try RefreshFamilies.open(token, for: user, on: connection)
            }
        } catch {
            throw StoreError(error)
        }
    }

    public func rotate(
        _ presented: RefreshTokenHash, to successor: NewRefreshToken
    ) async throws(StoreError) -> RotationOutcome {
        do throws(PostgresError) {
            return try await pool.withTransaction { connection throws(PostgresError) in
                try RefreshFamilies.rotate(presented, to: successor, on: connection)
            }
        } catch {
            throw StoreError(error)
        }
    }
}

/// What is done to families of refresh tokens, each within a transaction of its caller's.
enum RefreshFamilies {
    /// Founds a family with its first token, and forgets the user's families whose time is over.
    static func open(
        _ token: NewRefreshToken, for user: UserID, on connection: PostgresConnection
    ) throws(PostgresError) {
        try connection.execute(Statements.forget, [.int64(user.rawValue), .timestamp(token.createdAt)])
        try connection.execute(
            Statements.open,
            [
                .int64(user.rawValue), .timestamp(token.createdAt), .timestamp(token.expiresAt),
                .bytes(token.hash.bytes),
            ])
    }

    /// Uses up a token and stores its successor.
    static func rotate(
        _ presented: RefreshTokenHash, to successor: NewRefreshToken, on connection: PostgresConnection
    ) throws(PostgresError) -> RotationOutcome {
        let family = try connection.row(of: Statements.family, [.bytes(presented.bytes)]) {
            row throws(PostgresError) in try row.int64("family_id")
        }
        guard let family else { return .unknown }
        // Locked in a statement of its own: the next one then sees what the transaction that held the lock has done, and
        // of two that present one token at once the second finds it used.
        try connection.execute(Statements.lock, [.int64(family)])
        let found = try connection.row(of: Statements.token, [.int64(family), .bytes(presented.bytes)]) {
            row throws(PostgresError) in
            (
                isRevoked: try row.optionalTimestamp("revoked_at") != nil,
                isUsed: try row.optionalTimestamp("rotated_at") != nil, expiresAt: try row.timestamp("expires_at"),
                isDeleted: try row.bool("is_deleted"), user: try PostgresUserStore.user(row)
            )
        }
        guard let found, !found.isRevoked, !found.isDeleted else { return .unknown }
        guard !found.isUsed else {
            try connection.execute(Statements.revoke, [.int64(family), .timestamp(successor.createdAt)])
            return .reused
        }
        guard found.expiresAt > successor.createdAt else { return .expired }
        try connection.execute(Statements.use, [.bytes(presented.bytes), .timestamp(successor.createdAt)])
        try connection.execute(
            Statements.succeed,
            [
                .int64(family), .timestamp(successor.createdAt), .timestamp(successor.expiresAt),
                .bytes(successor.hash.bytes),
            ])
        return .rotated(found.user)
    }

    private enum Statements {
        static let forget = PostgresStatement(
            "forget_families", "DELETE FROM refresh_families WHERE user_id = $1 AND expires_at <= $2")
        static let open = PostgresStatement(
            "open_family",
            """
            WITH family AS (
                INSERT INTO refresh_families (user_id, created_at, expires_at) VALUES ($1, $2, $3) RETURNING id)
            INSERT INTO refresh_tokens (hash, family_id, created_at, expires_at)
            SELECT $4, id, $2, $3 FROM family
            """)
        static let family = PostgresStatement(
            "family_of_token", "SELECT family_id FROM refresh_tokens WHERE hash = $1")
        static let lock = PostgresStatement(
            "lock_family", "SELECT id FROM refresh_families WHERE id = $1 FOR UPDATE")
        static let token = PostgresStatement(
            "token_of_family",
            """
            SELECT f.revoked_at, t.rotated_at, t.expires_at, u.id, u.username, u.nickname, u.status,
                u.profile_image_url, u.background_image_url, u.last_seen_at, u.bio, u.user_code, u.role,
                u.is_deleted, u.created_at
            FROM refresh_families f JOIN refresh_tokens t ON t.family_id = f.id JOIN users u ON u.id = f.user_id
            WHERE f.id = $1 AND t.hash = $2
            """)
        static let revoke = PostgresStatement(
            "revoke_family", "UPDATE refresh_families SET revoked_at = $2 WHERE id = $1")
        static let use = PostgresStatement(
            "use_token", "UPDATE refresh_tokens SET rotated_at = $2 WHERE hash = $1")
        /// Used tokens that would be refused for their age by now need not be known any longer.
        static let succeed = PostgresStatement(
            "succeed_token",
            """
            WITH family AS (UPDATE refresh_families SET expires_at = $3 WHERE id = $1),
                gone AS (DELETE FROM refresh_tokens WHERE family_id = $1 AND expires_at <= $2)
            INSERT INTO refresh_tokens (hash, family_id, created_at, expires_at) VALUES ($4, $1, $2, $3)
            """)
    }
}
