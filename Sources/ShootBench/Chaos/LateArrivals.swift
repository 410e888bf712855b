/// When the last answer, delivery or SAVED came that was more than a second late, counted from the moment at which its
/// message was to be sent. What comes after it is as if nothing had happened.
struct LateArrivals: Sendable {
    private(set) var answer: UInt64 = 0
    private(set) var delivery: UInt64 = 0
    private(set) var saved: UInt64 = 0

    /// How late counts, ns.
    static let limit: UInt64 = 1_000_000_000

    mutating func answered(due: UInt64, now: UInt64) { answer = Self.later(answer, due, now) }
    mutating func delivered(due: UInt64, now: UInt64) { delivery = Self.later(delivery, due, now) }
    mutating func saved(due: UInt64, now: UInt64) { saved = Self.later(saved, due, now) }

    private static func later(_ last: UInt64, _ due: UInt64, _ now: UInt64) -> UInt64 {
        now > due + limit ? now : last
    }
}
