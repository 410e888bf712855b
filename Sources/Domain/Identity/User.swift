/// Somebody with an account, as everything but the login sees them: the password's hash is not part of it.
public struct User: Sendable, Equatable {
    public let id: UserID
    public let username: Username
    public let nickname: Nickname
    public let status: UserStatus
    public let profileImageURL: String?
    public let backgroundImageURL: String?
    /// When the user's last session ended; nil before the first has.
    public let lastSeenAt: Timestamp?
    public let bio: String?
    /// What others add this user as a friend by.
    public let userCode: UserCode
    public let role: UserRole
    public let createdAt: Timestamp

    public init(
        id: UserID, username: Username, nickname: Nickname, status: UserStatus = .offline,
        profileImageURL: String? = nil, backgroundImageURL: String? = nil, lastSeenAt: Timestamp? = nil,
        bio: String? = nil, userCode: UserCode, role: UserRole = .user, createdAt: Timestamp
    ) {
        self.id = id
        self.username = username
        self.nickname = nickname
        self.status = status
        self.profileImageURL = profileImageURL
        self.backgroundImageURL = backgroundImageURL
        self.lastSeenAt = lastSeenAt
        self.bio = bio
        self.userCode = userCode
        self.role = role
        self.createdAt = createdAt
    }
}

/// What others are shown of a user beside a message or in a list.
public struct UserSummary: Sendable, Equatable {
    public let id: UserID
    public let username: Username
    public let nickname: Nickname
    public let profileImageURL: String?

    public init(id: UserID, username: Username, nickname: Nickname, profileImageURL: String?) {
        self.id = id
        self.username = username
        self.nickname = nickname
        self.profileImageURL = profileImageURL
    }
}

/// What a user may do on the whole server, whatever room they are in.
public enum UserRole: String, Sendable, CaseIterable {
    /// Uses the chat.
    case user = "USER"
    /// Operates it.
    case admin = "ADMIN"
}

/// What a user shows others of their being there.
public enum UserStatus: String, Sendable, CaseIterable {
    case online = "ONLINE"
    case offline = "OFFLINE"
    case busy = "BUSY"
    case away = "AWAY"
    /// There, but shown to others as offline.
    case invisible = "INVISIBLE"
}
