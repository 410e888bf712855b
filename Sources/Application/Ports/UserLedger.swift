import Domain

/// A part of the messages that a user may send in a minute, taken over by one loop of one gateway.
public struct AllowanceLot: Sendable, Equatable {
    /// Messages in it; fewer than were asked for where no more are left.
    public let count: Int
    /// Names the minute that it is part of.
    public let minute: UInt64
    /// How long that minute still lasts, ms.
    public let milliseconds: UInt64

    public init(count: Int, minute: UInt64, milliseconds: UInt64) {
        self.count = count
        self.minute = minute
        self.milliseconds = milliseconds
    }
}

/// Where a session stands among those of its user.
public enum SessionStanding: Sendable, Equatable {
    /// It counts among them.
    case admitted
    /// Newer ones have taken its place: it is to end.
    case replaced
}

/// Why the ledger did not answer. What it holds are limits, so that whoever asks goes on without them.
public struct UserLedgerError: Error, Sendable, Equatable {
    /// The cause, for the log.
    public let cause: String

    public init(_ cause: String) { self.cause = cause }
}

/// What gateways keep of users together: their live sessions, and how much they have sent in this minute.
///
/// Confined to the loop that it was made on; completions come on that loop, before a call returns
/// where nothing could be asked.
public protocol UserLedger: AnyObject {
    /// Called with the number of a session of this loop whose place a newer one has taken.
    var onReplaced: ((_ session: UInt64) -> Void)? { get set }
    /// Called where another loop needs what this one has left of a user's allowance.
    var onRecall: ((UserID) -> Void)? { get set }

    /// Notes that a session of this loop lives. Where it is new and its user has too many then, the oldest ends.
    ///
    /// - Parameter isNew: false: it was noted before, and where its place was taken meanwhile it is the one to end.
    func note(
        session: UInt64, of user: UserID, isNew: Bool,
        completion: @escaping (Result<SessionStanding, UserLedgerError>) -> Void)

    /// Forgets a session that has ended.
    func forget(session: UInt64, of user: UserID)

    /// Takes a lot of at least `needed` messages, or what is left.
    func takeLot(
        of user: UserID, needed: Int, completion: @escaping (Result<AllowanceLot, UserLedgerError>) -> Void)

    /// Gives back what was not used of the lots of a minute.
    func giveBack(_ count: Int, of user: UserID, minute: UInt64)
}
