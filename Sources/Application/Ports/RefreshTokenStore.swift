import Domain

/// The SHA-256 of a refresh token: what is stored in its place, so that a stolen table opens no session.
public struct RefreshTokenHash: Hashable, Sendable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// A refresh token to be stored.
public struct NewRefreshToken: Sendable, Equatable {
    public let hash: RefreshTokenHash
    public let createdAt: Timestamp
    public let expiresAt: Timestamp

    public init(hash: RefreshTokenHash, createdAt: Timestamp, expiresAt: Timestamp) {
        self.hash = hash
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What came of presenting a refresh token.
public enum RotationOutcome: Sendable, Equatable {
    /// It was good and is now used up; its successor is stored. This is whose it is.
    case rotated(User)
    /// There is no such token, its session was ended or its user deleted.
    case unknown
    /// Its time is over.
    case expired
    /// It had been used before, so that two parties hold it: its whole family is revoked now.
    case reused
}

/// Refresh tokens, kept in PostgreSQL in families: a login founds one, each use replaces its newest member.
public protocol RefreshTokenStore: Sendable {
    /// Founds a family for the user with its first token, and forgets families whose time is over.
    func open(_ token: NewRefreshToken, for user: UserID) async throws(StoreError)

    /// Uses up the token with that hash and stores its successor, in one step: of two that present the same token at
    /// once one is `reused`. `successor.createdAt` is the present moment.
    func rotate(_ presented: RefreshTokenHash, to successor: NewRefreshToken) async throws(StoreError)
        -> RotationOutcome
}
