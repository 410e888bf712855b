import Domain

/// Random bytes, as many as asked for; fit for secrets.
public typealias RandomSource = @Sendable (_ count: Int) -> [UInt8]

/// Why a password was not hashed.
public enum PasswordHashingError: Error, Sendable, Equatable {
    /// More passwords wait to be hashed than may.
    case overloaded
    /// The hash function failed, or a stored hash is not one of its own.
    case failed(String)
}

/// Turns passwords into hashes that are costly to guess from.
public protocol PasswordHasher: Sendable {
    /// A new hash of the password, with a salt of its own.
    func hash(_ password: Password) async throws(PasswordHashingError) -> String

    /// Whether `hash` was made of `password`. Without a hash or a password the answer is false and takes as long to
    /// come: nobody learns from the time whether an account exists.
    func verify(_ password: Password?, against hash: String?) async throws(PasswordHashingError) -> Bool
}

/// What an access token says of who bears it.
public struct AccessClaims: Sendable, Equatable {
    public let userID: UserID
    public let username: Username
    public let role: UserRole
    /// In whole seconds, like `expiresAt`.
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
    /// The token's own id (`jti`).
    public let tokenID: String

    public init(
        userID: UserID, username: Username, role: UserRole, issuedAt: Timestamp, expiresAt: Timestamp, tokenID: String
    ) {
        self.userID = userID
        self.username = username
        self.role = role
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
    }
}

/// A refresh token as its owner gets it, and as it is stored.
public struct RefreshToken: Sendable {
    public let text: String
    public let hash: RefreshTokenHash

    public init(text: String, hash: RefreshTokenHash) {
        self.text = text
        self.hash = hash
    }
}

/// Makes the tokens that a session lives on.
public protocol TokenIssuer: Sendable {
    /// How long an access token is good for, in seconds.
    var accessLifetimeSeconds: Int64 { get }
    /// How long a refresh token is good for, in seconds.
    var refreshLifetimeSeconds: Int64 { get }

    /// An access token for the user, good from `now` on.
    func accessToken(for user: User, now: Timestamp) -> String

    /// A new refresh token, random.
    func refreshToken() -> RefreshToken

    /// What a presented refresh token is stored as; nil where it cannot be one.
    func refreshTokenHash(of text: String) -> RefreshTokenHash?
}

/// Why an access token does not admit.
public enum AccessTokenError: Error, Sendable, Equatable {
    /// It is not a token of ours: malformed, signed by an unknown key, or not by that key.
    case invalid
    /// It was one, and its time is over.
    case expired
}

/// Tells who bears an access token. Does not block and asks no server: event loops call it per connection.
public protocol AccessTokenVerifier: Sendable {
    /// What the token says, once its signature and its times have been checked against `now`.
    func verify(_ token: Span<UInt8>, now: Timestamp) throws(AccessTokenError) -> AccessClaims
}
