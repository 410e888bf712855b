import Application

/// What one loop holds of the messages that a user may send in this minute: a state machine without I/O.
///
/// Lots are taken ahead of need. Where too little is left the others are asked for what they do not use, so the question
/// is put once more before a message is refused.
struct MessageAllowance {
    /// What is to become of messages that are about to be sent.
    enum Decision: Equatable {
        case go
        /// A lot has to be asked for first.
        case wait
        case refuse(retryAfterMilliseconds: Int)
    }

    /// What is to be done after an answer.
    enum Step: Equatable {
        /// Decide again for those who wait.
        case decide
        /// Ask again after a pause.
        case askAgain
    }

    /// Messages that may be sent without asking.
    private(set) var left = 0
    /// The minute that they are of, as the ledger names it.
    private(set) var minute: UInt64 = 0
    private var minuteEnd: UInt64 = 0
    private var lotSize = 0
    /// A question is under way.
    private(set) var isAsking = false
    private var needed = 0
    private var wasShort = false
    /// Until then nothing is to be had, so nobody is asked.
    private var refusedUntil: UInt64 = 0

    /// Decides for `count` messages that go out together.
    mutating func take(_ count: Int, now: UInt64) -> Decision {
        if now >= minuteEnd {
            left = 0
        }
        if count <= left {
            left -= count
            return .go
        }
        if now < refusedUntil {
            return .refuse(retryAfterMilliseconds: Int(clamping: max(minuteEnd, refusedUntil) - now))
        }
        return .wait
    }

    /// Begins a question, for `count` messages that wait, or ahead of need for none; gives how many are needed, nil where
    /// none is to be put now.
    mutating func ask(for count: Int, now: UInt64) -> Int? {
        guard !isAsking, now >= refusedUntil else { return nil }
        guard count > 0 || (now < minuteEnd && left <= lotSize / 2) else { return nil }
        isAsking = true
        needed = max(count - left, 1)
        return needed
    }

    /// The answer to the question.
    mutating func answered(_ lot: AllowanceLot, now: UInt64) -> Step {
        isAsking = false
        if lot.minute != minute || now >= minuteEnd {
            left = 0
        }
        minute = lot.minute
        minuteEnd = now + lot.milliseconds
        left += lot.count
        guard lot.count < needed else {
            lotSize = lot.count
            wasShort = false
            return .decide
        }
        guard wasShort else {
            wasShort = true
            return .askAgain
        }
        wasShort = false
        refusedUntil = min(now + GatewayLimits.refusedMilliseconds, minuteEnd)
        return .decide
    }

    /// The question has found nobody who answers.
    mutating func failed() {
        isAsking = false
        wasShort = false
    }

    /// Messages of `minute` were not sent after all.
    mutating func putBack(_ count: Int, minute: UInt64) {
        if minute == self.minute {
            left += count
        }
    }

    /// Gives up what is left, to be given back; nil where there is nothing.
    mutating func takeLeft(now: UInt64) -> Int? {
        defer { left = 0 }
        return left > 0 && now < minuteEnd ? left : nil
    }

    /// Whether it holds nothing any more that is worth keeping.
    func isOver(now: UInt64) -> Bool { !isAsking && now >= minuteEnd && now >= refusedUntil }
}
