import Application

/// What operators are to be told, and when: what comes while an alert waits goes along with it, a failed one is tried
/// again after growing pauses, and a webhook that fails time and again is left alone for a while. Pure; times are in ms of
/// a clock that never goes back.
struct AlertQueue {
    /// Dead letters that are told of together.
    struct Alert: Equatable {
        var count: Int
        let first: EntryID
        fileprivate var attempts = 0

        init(count: Int, first: EntryID) {
            self.count = count
            self.first = first
        }
    }

    /// What became of an attempt to deliver.
    enum Failure: Equatable {
        /// It is tried again.
        case waits
        /// It has had its attempts, or there is no use in more.
        case givenUp
    }

    private let limits: AlertLimits
    private var waiting: Alert?
    private var isSending = false
    /// Attempts that failed since one succeeded.
    private var failures = 0
    private var notBefore: UInt64 = 0
    private(set) var isClosed = false

    init(limits: AlertLimits = AlertLimits()) { self.limits = limits }

    /// Whether the webhook is left alone after failures: one attempt at the end of the pause decides.
    var isOpen: Bool { failures >= limits.failuresToOpen }

    /// Nothing is under way.
    var isIdle: Bool { !isSending }

    /// Takes what is to be told. It costs the same however many there are.
    mutating func add(_ letters: [EntryID]) {
        guard !isClosed, let first = letters.first else { return }
        if waiting == nil {
            waiting = Alert(count: 0, first: first)
        }
        waiting?.count += letters.count
    }

    /// The alert that goes out now; nil where none waits, one is under way, or it is too early.
    mutating func take(at now: UInt64) -> Alert? {
        guard now >= notBefore else { return nil }
        return takeAnyway()
    }

    /// The same, however early it is: for a process that ends.
    mutating func takeAnyway() -> Alert? {
        guard !isSending, let alert = waiting else { return nil }
        isSending = true
        waiting = nil
        return alert
    }

    /// The alert has been taken by the webhook.
    mutating func delivered(at now: UInt64) {
        isSending = false
        failures = 0
        notBefore = now + limits.pauseMilliseconds
    }

    /// The alert has not been taken.
    /// - Parameter isFinal: the webhook refuses it and will do so again.
    mutating func failed(_ alert: Alert, isFinal: Bool, at now: UInt64) -> Failure {
        isSending = false
        failures += 1
        notBefore =
            now
            + (isOpen ? limits.openMilliseconds : limits.firstRetryMilliseconds << UInt64(failures - 1))
        guard !isFinal, alert.attempts + 1 < limits.maxAttempts, !isClosed else { return .givenUp }
        var again = alert
        again.attempts += 1
        again.count += waiting?.count ?? 0
        waiting = again
        return .waits
    }

    /// Takes nothing more.
    mutating func close() { isClosed = true }
}

/// The bounds of alerts, each with its unit and its reason.
struct AlertLimits {
    /// Between two alerts that were taken, ms: what fails fails in numbers, and is told of together.
    var pauseMilliseconds: UInt64 = 10_000
    /// After the first attempt that failed, ms; twice that after each further one.
    var firstRetryMilliseconds: UInt64 = 1000
    /// Attempts in a row that fail before the webhook is left alone.
    var failuresToOpen = 4
    /// For how long it is left alone, ms.
    var openMilliseconds: UInt64 = 60_000
    /// Attempts to deliver one alert: some ten minutes of them.
    var maxAttempts = 12
    /// For an answer, ms.
    var timeoutMilliseconds = 5000
    /// For the last attempt of a process that ends, and for the one under way before it, ms.
    var flushMilliseconds = 2000
    /// How often to look whether there is something to send, ms.
    static let tickMilliseconds: UInt64 = 1000
}
