import Domain

/// Opens a session for somebody who knows a user name and its password.
public struct LogIn: Sendable {
    private let users: any UserStore
    private let sessions: any RefreshTokenStore
    private let hasher: any PasswordHasher
    private let issuer: any TokenIssuer

    public init(
        users: any UserStore, sessions: any RefreshTokenStore, hasher: any PasswordHasher, issuer: any TokenIssuer
    ) {
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.issuer = issuer
    }

    /// Checks the password and opens a session.
    ///
    /// Whatever is wrong, the user name or the password, the answer is the same and costs the same.
    /// - Throws: `Refusal` with `INVALID_CREDENTIALS`, `BUSY`, `STORE_UNAVAILABLE` or `INTERNAL_ERROR`.
    public func logIn(username: String, password: String, now: Timestamp) async throws(Refusal) -> LoggedIn {
        let account = try await account(named: username)
        let isRight: Bool
        do {
            isRight = try await hasher.verify(Password(password), against: account?.passwordHash)
        } catch {
            throw .hashing(error)
        }
        guard isRight, let user = account?.user else {
            throw Refusal(.invalidCredentials, "The user name or the password is wrong.")
        }
        let refreshToken = issuer.refreshToken()
        do {
            try await sessions.open(issuer.record(of: refreshToken, now: now), for: user.id)
        } catch {
            throw .accounts(error)
        }
        return LoggedIn(user: user, tokens: issuer.session(for: user, refreshToken: refreshToken, now: now))
    }

    private func account(named username: String) async throws(Refusal) -> (user: User, passwordHash: String)? {
        guard let username = Username(username) else { return nil }
        do {
            return try await users.credentials(of: username)
        } catch {
            throw .accounts(error)
        }
    }
}
