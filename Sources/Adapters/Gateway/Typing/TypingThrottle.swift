import Application

/// What one user says of typing in one room, thinned out: a state machine without I/O.
///
/// The first word goes out at once. What comes within the pause behind it is held, the last one only, and goes out when
/// the pause is over unless it says what was told already: so that an end is never lost behind a beginning.
struct TypingThrottle {
    /// What is to be done.
    enum Action: Equatable {
        case nothing
        case tell(Bool)
        /// Come back with `due` at this time.
        case wait(until: UInt64)
    }

    private let pauseMilliseconds: UInt64
    private var told: Bool?
    private var held: Bool?
    /// What is on its way to the room.
    private var underWay: Bool?
    private var pauseEnd: UInt64 = 0

    init(pauseMilliseconds: UInt64) { self.pauseMilliseconds = pauseMilliseconds }

    /// The user types, or has stopped.
    mutating func say(_ isTyping: Bool, now: UInt64) -> Action {
        held = isTyping
        return next(now: now)
    }

    /// The time of a `wait` has come.
    mutating func due(now: UInt64) -> Action { next(now: now) }

    /// What became of a `tell`; nil: nobody knows, and it is let go.
    mutating func answered(_ outcome: TypingOutcome?, now: UInt64) -> Action {
        switch outcome {
        case .told:
            told = underWay
            pauseEnd = now + pauseMilliseconds
        case .tooSoon(let milliseconds):
            held = held ?? underWay
            pauseEnd = now + milliseconds
        case .notParticipant, nil:
            held = nil
            told = nil
        }
        underWay = nil
        return next(now: now)
    }

    /// Whether it may be forgotten.
    func isOver(now: UInt64) -> Bool { held == nil && underWay == nil && now >= pauseEnd }

    private mutating func next(now: UInt64) -> Action {
        guard underWay == nil, let word = held else { return .nothing }
        // What is told again and again says that it goes on; an end is said once.
        guard word != told || (word && now >= pauseEnd) else {
            held = nil
            return .nothing
        }
        guard now >= pauseEnd else { return .wait(until: pauseEnd) }
        held = nil
        underWay = word
        return .tell(word)
    }
}
