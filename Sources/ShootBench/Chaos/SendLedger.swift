/// What one client has sent and what it was told about each message, by the rules of `docs/clients.md`.
struct SendLedger {
    /// How a message stands.
    enum Outcome: Equatable {
        case waiting
        /// A receipt, or a status that says as much.
        case accepted
        /// Told to be failed for good, or not repeated.
        case refused(String)
    }

    struct Send {
        /// When it was to be sent, ns.
        var due: UInt64
        var outcome = Outcome.waiting
        /// When it was accepted, ns; 0: it was not.
        var acceptedAt: UInt64 = 0
        /// When it was first sent, ns; 0: it was not.
        var sentAt: UInt64 = 0
        /// When it is to be repeated, ns; 0: on the next connection only.
        var repeatAt: UInt64 = 0
        /// Whether it was repeated after a refusal, behind later ones.
        var isOutOfTurn = false
        /// Whether it was told that MongoDB has it.
        var isSaved = false
        /// Whether the store is to refuse it, and whether it was told to have done so.
        var isPoison = false
        var isRejected = false
        /// Whether it was accepted, and the connection ended that might have told that it was refused.
        var isUntold = false
        /// How often it was sent on this connection, and how far the status has come since the last SENDING there.
        var tries = 0
        var step = -1
    }

    private(set) var sends: [Send] = []
    private var poison = 0
    private var rejected = 0
    /// Numbers of those that wait, in order.
    private(set) var waiting: [Int] = []
    /// Statuses that came after a later one, or twice though there was one try: message and status.
    private(set) var stepsBack: [(number: Int, status: String)] = []

    private static let steps = ["SENDING": 0, "SENT_TO_STREAM": 1, "PROCESSING": 2, "SAVED": 3]
    private static let retriable: Set<String> = ["BUSY", "STORE_UNAVAILABLE"]
    /// After how long without an answer a gateway gives a message up, ns; less, for what it takes to get there.
    private static let givenUpAfter: UInt64 = 4_500_000_000
    /// Between a refusal and the repeat, ns.
    private static let pause: UInt64 = 1_000_000_000

    /// A new message; gives its number, from 1.
    mutating func add(due: UInt64, isPoison: Bool = false) -> Int {
        sends.append(Send(due: due, isPoison: isPoison))
        waiting.append(sends.count)
        poison += isPoison ? 1 : 0
        return sends.count
    }

    /// One that failed for good is to be sent once more, by the user's own wish.
    mutating func retry(_ number: Int, now: UInt64) {
        guard sends.indices.contains(number - 1), sends[number - 1].outcome != .waiting else { return }
        sends[number - 1].isUntold = false
        sends[number - 1].outcome = .waiting
        sends[number - 1].acceptedAt = 0
        sends[number - 1].due = now
        sends[number - 1].isOutOfTurn = true
        sends[number - 1].repeatAt = now
        waiting.append(number)
    }

    /// How many messages that are to be refused were not.
    var unrejectedPoison: Int { poison - rejected }

    subscript(number: Int) -> Send { sends[number - 1] }

    /// A new connection: what waits is sent again on it, in order. The gateway before may have given up what waited for
    /// long, and then sent later ones: its word of that was lost with the connection.
    mutating func beginConnection(now: UInt64) -> [Int] {
        for number in waiting {
            let sentAt = sends[number - 1].sentAt
            sends[number - 1].repeatAt = 0
            if sentAt > 0, now - min(sentAt, now) >= Self.givenUpAfter {
                sends[number - 1].isOutOfTurn = true
            }
        }
        for index in sends.indices {
            if sends[index].isPoison, !sends[index].isRejected, !sends[index].isUntold,
                sends[index].outcome == .accepted
            {
                sends[index].isUntold = true
                rejected += 1
            }
            sends[index].step = -1
            sends[index].tries = 0
        }
        return waiting
    }

    /// It goes out on the connection.
    mutating func isSent(_ number: Int, now: UInt64) {
        sends[number - 1].tries += 1
        if sends[number - 1].sentAt == 0 {
            sends[number - 1].sentAt = now
        }
    }

    /// Messages that are to be repeated by now.
    mutating func dueRepeats(now: UInt64) -> [Int] {
        let due = waiting.filter { sends[$0 - 1].repeatAt > 0 && sends[$0 - 1].repeatAt <= now }
        for number in due {
            sends[number - 1].repeatAt = 0
        }
        return due
    }

    /// A receipt came.
    mutating func accepted(_ number: Int, now: UInt64) {
        guard sends.indices.contains(number - 1) else { return }
        if sends[number - 1].acceptedAt == 0 {
            sends[number - 1].acceptedAt = now
        }
        sends[number - 1].outcome = .accepted
        waiting.removeAll { $0 == number }
    }

    /// A status came.
    mutating func told(_ status: String, code: String?, about number: Int, repeatsFailures: Bool, now: UInt64) {
        guard sends.indices.contains(number - 1) else { return }
        let index = number - 1
        switch status {
        case "FAILED":
            let code = code ?? "FAILED"
            if code == "REJECTED", !sends[index].isRejected {
                rejected += sends[index].isPoison && !sends[index].isUntold ? 1 : 0
                sends[index].isRejected = true
            }
            if Self.retriable.contains(code), repeatsFailures {
                sends[index].repeatAt = now + Self.pause
                sends[index].isOutOfTurn = true
            } else {
                sends[index].outcome = .refused(code)
                waiting.removeAll { $0 == number }
            }
            sends[index].step = -1
        case "OUTCOME_UNKNOWN":
            sends[index].repeatAt = now + Self.pause / 5
            sends[index].isOutOfTurn = true
            sends[index].step = -1
        default:
            guard let step = Self.steps[status] else { return }
            if step > 0, step < sends[index].step || step == sends[index].step && sends[index].tries < 2 {
                stepsBack.append((number, status))
            }
            sends[index].step = step
            if step > 0 {
                accepted(number, now: now)
            }
            if step == 3 {
                sends[index].isSaved = true
            }
        }
    }
}
