import Domain

/// Who tries to log in, as attempts are counted.
public struct LoginAttempt: Sendable, Equatable {
    /// The account that is named, whether there is one or not; nil where the name can't be one.
    public let username: Username?
    /// Where it comes from; one block of addresses of one owner counts as one.
    public let origin: String

    public init(username: Username?, origin: String) {
        self.username = username
        self.origin = origin
    }
}

/// Counts attempts to log in across gateways, and lets those wait who failed too often.
///
/// Where the counts can not be asked, nobody has to wait: what limits guessing then is the work of hashing.
public protocol LoginAttempts: Sendable {
    /// Begins an attempt, which counts as failed for its account until it is known better.
    /// - Returns: how long to wait, ms, in which case it has not begun; 0: not at all.
    func begin(_ attempt: LoginAttempt) async -> UInt64

    /// The password was right: what failed before is forgotten for the account.
    func succeeded(_ attempt: LoginAttempt) async

    /// The password was wrong, or there is no such account.
    func failed(_ attempt: LoginAttempt) async

    /// Nobody could look at the password: it does not count.
    func wasNotChecked(_ attempt: LoginAttempt) async
}
