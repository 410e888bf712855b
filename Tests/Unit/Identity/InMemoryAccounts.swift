import Application
import Domain
import Synchronization

/// Accounts and refresh tokens in memory, and a switch that takes them away.
final class InMemoryAccounts: UserStore, RefreshTokenStore {
    struct State {
        var users: [User] = []
        var hashes: [Username: String] = [:]
        var opened: [(token: NewRefreshToken, user: UserID)] = []
        var rotations: [(presented: RefreshTokenHash, successor: NewRefreshToken)] = []
        /// What a rotation comes to.
        var rotation = RotationOutcome.unknown
        /// What every call fails with.
        var failure: StoreError?
    }

    let state = Mutex(State())

    func create(_ user: NewUser, session: NewRefreshToken) async throws(CreateUserError) -> User {
        do {
            try failIfAway()
        } catch {
            throw .store(error)
        }
        let made: Result<User, CreateUserError> = state.withLock { state in
            guard state.hashes[user.username] == nil else { return .failure(.usernameTaken) }
            guard !state.users.contains(where: { $0.userCode == user.userCode }) else {
                return .failure(.userCodeTaken)
            }
            let made = User(
                id: UserID(rawValue: Int64(state.users.count + 1)), username: user.username, nickname: user.nickname,
                userCode: user.userCode, createdAt: session.createdAt)
            state.users.append(made)
            state.hashes[user.username] = user.passwordHash
            state.opened.append((session, made.id))
            return .success(made)
        }
        return try made.get()
    }

    func credentials(of username: Username) async throws(StoreError) -> (user: User, passwordHash: String)? {
        try failIfAway()
        return state.withLock { state in
            guard let user = state.users.first(where: { $0.username == username }), let hash = state.hashes[username]
            else { return nil }
            return (user, hash)
        }
    }

    func user(_ id: UserID) async throws(StoreError) -> User? {
        try failIfAway()
        return state.withLock { $0.users.first { $0.id == id } }
    }

    func users(_ ids: [UserID]) async throws(StoreError) -> [UserSummary] { [] }

    func unknown(among ids: [UserID]) async throws(StoreError) -> [UserID] { [] }

    func open(_ token: NewRefreshToken, for user: UserID) async throws(StoreError) {
        try failIfAway()
        state.withLock { $0.opened.append((token, user)) }
    }

    func rotate(
        _ presented: RefreshTokenHash, to successor: NewRefreshToken
    ) async throws(StoreError) -> RotationOutcome {
        try failIfAway()
        return state.withLock { state in
            state.rotations.append((presented, successor))
            return state.rotation
        }
    }

    private func failIfAway() throws(StoreError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}

/// A hash that can be read, and a record of what was asked.
final class PlainHasher: PasswordHasher {
    let verified = Mutex<[(password: String?, hash: String?)]>([])
    let failure: PasswordHashingError?

    init(failure: PasswordHashingError? = nil) { self.failure = failure }

    func hash(_ password: Password) async throws(PasswordHashingError) -> String {
        if let failure { throw failure }
        return "hash of " + password.text
    }

    func verify(_ password: Password?, against hash: String?) async throws(PasswordHashingError) -> Bool {
        if let failure { throw failure }
        verified.withLock { $0.append((password?.text, hash)) }
        guard let password, let hash else { return false }
        return hash == "hash of " + password.text
    }
}

/// Tokens that can be read; each refresh token has the next number.
final class PlainIssuer: TokenIssuer {
    let accessLifetimeSeconds: Int64 = 60
    let refreshLifetimeSeconds: Int64 = 600
    private let count = Atomic<Int>(0)

    func accessToken(for user: User, now: Timestamp) -> String { "access \(user.id) \(now.milliseconds)" }

    func refreshToken() -> RefreshToken {
        let text = "refresh \(count.add(1, ordering: .relaxed).newValue)"
        return RefreshToken(text: text, hash: RefreshTokenHash(bytes: Array(text.utf8)))
    }

    func refreshTokenHash(of text: String) -> RefreshTokenHash? {
        text.hasPrefix("refresh") ? RefreshTokenHash(bytes: Array(text.utf8)) : nil
    }
}

/// Says how long to wait, and notes what came of attempts.
final class NotedAttempts: LoginAttempts {
    let wait = Mutex<UInt64>(0)
    let ends = Mutex<[String]>([])

    func begin(_ attempt: LoginAttempt) async -> UInt64 { wait.withLock { $0 } }

    func succeeded(_ attempt: LoginAttempt) async { note("succeeded", attempt) }

    func failed(_ attempt: LoginAttempt) async { note("failed", attempt) }

    func wasNotChecked(_ attempt: LoginAttempt) async { note("not checked", attempt) }

    private func note(_ end: String, _ attempt: LoginAttempt) {
        ends.withLock { $0.append("\(end) \(attempt.username?.text ?? "-")") }
    }
}
