import Domain

/// Makes an account and logs its owner in.
public struct SignUp: Sendable {
    private let users: any UserStore
    private let hasher: any PasswordHasher
    private let issuer: any TokenIssuer
    private let random: RandomSource

    /// How often a user code that somebody has is replaced by another: two in a row are already next to impossible.
    private static let maxUserCodes = 3

    public init(
        users: any UserStore, hasher: any PasswordHasher, issuer: any TokenIssuer, random: @escaping RandomSource
    ) {
        self.users = users
        self.hasher = hasher
        self.issuer = issuer
        self.random = random
    }

    /// Makes the account and opens its first session.
    ///
    /// - Throws: `Refusal` with `VALIDATION_FAILED` naming every field at fault, `USERNAME_TAKEN`, `BUSY`,
    ///   `STORE_UNAVAILABLE` (the account may have been made: logging in tells) or `INTERNAL_ERROR`.
    public func signUp(
        username: String, password: String, nickname: String, now: Timestamp
    ) async throws(Refusal) -> LoggedIn {
        let fields = try SignUp.checked(username: username, password: password, nickname: nickname)
        let hash: String
        do {
            hash = try await hasher.hash(fields.password)
        } catch {
            throw .hashing(error)
        }
        let refreshToken = issuer.refreshToken()
        let session = issuer.record(of: refreshToken, now: now)
        for _ in 0..<SignUp.maxUserCodes {
            guard let code = UserCode(randomBytes: random(UserCode.length)) else {
                preconditionFailure("cannot make a user code when the random source gives too few bytes")
            }
            let account = NewUser(
                username: fields.username, nickname: fields.nickname, passwordHash: hash, userCode: code)
            if let user = try await create(account, session: session) {
                return LoggedIn(
                    user: user, tokens: issuer.session(for: user, refreshToken: refreshToken, now: now))
            }
        }
        throw Refusal(.internalError, "No free user code was found: try again.")
    }

    /// The account made; nil where its user code is somebody's.
    private func create(_ account: NewUser, session: NewRefreshToken) async throws(Refusal) -> User? {
        do {
            return try await users.create(account, session: session)
        } catch {
            switch error {
            case .userCodeTaken: return nil
            case .usernameTaken: throw Refusal(.usernameTaken, "This user name belongs to somebody: choose another.")
            case .store(let error): throw Refusal(error)
            }
        }
    }

    private static func checked(
        username: String, password: String, nickname: String
    ) throws(Refusal) -> (username: Username, password: Password, nickname: Nickname) {
        let name = Username(username)
        let secret = Password(password)
        let shown = Nickname(nickname)
        guard let name, let secret, let shown else {
            var violations: [FieldViolation] = []
            if name == nil { violations.append(FieldViolation(field: "username", rule: Username.rule)) }
            if secret == nil { violations.append(FieldViolation(field: "password", rule: Password.rule)) }
            if shown == nil { violations.append(FieldViolation(field: "nickname", rule: Nickname.rule)) }
            throw Refusal(.validationFailed, "Some fields break their rule.", fields: violations)
        }
        return (name, secret, shown)
    }
}
