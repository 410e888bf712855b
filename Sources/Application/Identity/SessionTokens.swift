import Domain

/// What a client needs to go on as a user.
public struct SessionTokens: Sendable, Equatable {
    public let accessToken: String
    public let refreshToken: String
    /// How long the access token is good for, in seconds.
    public let expiresIn: Int64

    public init(accessToken: String, refreshToken: String, expiresIn: Int64) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresIn = expiresIn
    }
}

/// A user who has just proved who they are.
public struct LoggedIn: Sendable, Equatable {
    public let user: User
    public let tokens: SessionTokens

    public init(user: User, tokens: SessionTokens) {
        self.user = user
        self.tokens = tokens
    }
}

extension TokenIssuer {
    /// The record of a refresh token that is given out at `now`.
    func record(of token: RefreshToken, now: Timestamp) -> NewRefreshToken {
        NewRefreshToken(
            hash: token.hash, createdAt: now,
            expiresAt: Timestamp(milliseconds: now.milliseconds + refreshLifetimeSeconds * 1000))
    }

    /// The pair of tokens that `user` gets at `now`, with a refresh token that has been stored.
    func session(for user: User, refreshToken: RefreshToken, now: Timestamp) -> SessionTokens {
        SessionTokens(
            accessToken: accessToken(for: user, now: now), refreshToken: refreshToken.text,
            expiresIn: accessLifetimeSeconds)
    }
}

extension Refusal {
    /// What a client is told when a password could not be hashed.
    static func hashing(_ error: PasswordHashingError) -> Refusal {
        switch error {
        case .overloaded: Refusal(.busy, "Too many are logging in at the moment: try again in some seconds.")
        case .failed: Refusal(.internalError, "The server could not do this; it is not your fault.")
        }
    }
}
