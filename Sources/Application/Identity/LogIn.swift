import Domain

/// Opens a session for somebody who knows a user name and its password.
public struct LogIn: Sendable {
    private let users: any UserStore
    private let sessions: any RefreshTokenStore
    private let hasher: any PasswordHasher
    private let issuer: any TokenIssuer
    private let attempts: any LoginAttempts

    public init(
        users: any UserStore, sessions: any RefreshTokenStore, hasher: any PasswordHasher, issuer: any TokenIssuer,
        attempts: any LoginAttempts
    ) {
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.issuer = issuer
        self.attempts = attempts
    }

    /// Checks the password and opens a session.
    ///
    /// Whatever is wrong, the user name or the password, the answer is the same and costs the same.
    /// - Parameter origin: the address that it comes from, for counting what fails.
    /// - Throws: `Refusal` with `INVALID_CREDENTIALS`, `TOO_MANY_ATTEMPTS`, `BUSY`, `STORE_UNAVAILABLE` or
    ///   `INTERNAL_ERROR`.
    public func logIn(
        username: String, password: String, origin: String, now: Timestamp
    ) async throws(Refusal) -> LoggedIn {
        let attempt = LoginAttempt(username: Username(username), origin: origin)
        let wait = await attempts.begin(attempt)
        guard wait == 0 else {
            throw Refusal(
                .tooManyAttempts, "Too many logins have failed: wait before you try again.",
                retryAfterMilliseconds: Int(clamping: wait))
        }
        let user: User?
        do throws(Refusal) {
            user = try await self.user(named: attempt.username, password: password)
        } catch {
            await attempts.wasNotChecked(attempt)
            throw error
        }
        guard let user else {
            await attempts.failed(attempt)
            throw Refusal(.invalidCredentials, "The user name or the password is wrong.")
        }
        await attempts.succeeded(attempt)
        let refreshToken = issuer.refreshToken()
        do {
            try await sessions.open(issuer.record(of: refreshToken, now: now), for: user.id)
        } catch {
            throw Refusal(error)
        }
        return LoggedIn(user: user, tokens: issuer.session(for: user, refreshToken: refreshToken, now: now))
    }

    /// Whose password it is; nil where it is wrong or nobody has this name.
    private func user(named username: Username?, password: String) async throws(Refusal) -> User? {
        let account = try await account(named: username)
        do {
            let isRight = try await hasher.verify(Password(password), against: account?.passwordHash)
            return isRight ? account?.user : nil
        } catch {
            throw .hashing(error)
        }
    }

    private func account(named username: Username?) async throws(Refusal) -> (user: User, passwordHash: String)? {
        guard let username else { return nil }
        do {
            return try await users.credentials(of: username)
        } catch {
            throw Refusal(error)
        }
    }
}
