import Domain

/// An account to be made.
public struct NewUser: Sendable {
    public let username: Username
    public let nickname: Nickname
    public let passwordHash: String
    public let userCode: UserCode

    public init(username: Username, nickname: Nickname, passwordHash: String, userCode: UserCode) {
        self.username = username
        self.nickname = nickname
        self.passwordHash = passwordHash
        self.userCode = userCode
    }
}

/// Why an account was not made.
public enum CreateUserError: Error, Sendable, Equatable {
    /// Somebody has the user name, or had it and deleted the account.
    case usernameTaken
    /// Somebody has the user code: another one is to be tried.
    case userCodeTaken
    /// The store did not answer, or refused.
    case store(StoreError)
}

/// Accounts, kept in PostgreSQL. Deleted ones are in none of the answers.
public protocol UserStore: Sendable {
    /// Makes an account and its first session, both or neither.
    func create(_ user: NewUser, session: NewRefreshToken) async throws(CreateUserError) -> User

    /// The account of that name and the hash of its password; nil where there is none.
    func credentials(of username: Username) async throws(StoreError) -> (user: User, passwordHash: String)?

    /// The user, nil where there is none.
    func user(_ id: UserID) async throws(StoreError) -> User?

    /// Those of the users that exist, in order of their ids, each once.
    func users(_ ids: [UserID]) async throws(StoreError) -> [UserSummary]

    /// Those of `ids` that name no user.
    func unknown(among ids: [UserID]) async throws(StoreError) -> [UserID]
}
