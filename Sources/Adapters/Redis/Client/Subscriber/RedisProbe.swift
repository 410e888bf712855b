/// Whether a subscription connection still brings what is published: a numbered message to itself each period, and by
/// the next period it must have come.
struct RedisProbe {
    /// What a period has shown.
    enum Verdict: Equatable {
        case heard
        /// The last probe did not come back: other messages may be missing as well.
        case missed
        /// So many went unheard that the connection must be taken for dead.
        case dead
    }

    private var lastSent: UInt64 = 0
    private var lastHeard: UInt64 = 0
    private var unheardPeriods = 0
    private var wasPublished = true

    /// A period is over: judges it and begins the next, whose number is to be published.
    mutating func next() -> (verdict: Verdict, number: UInt64) {
        let verdict: Verdict
        if lastSent == lastHeard {
            verdict = .heard
        } else {
            // Where nothing could be published, the silence says nothing about this connection.
            unheardPeriods += wasPublished ? 1 : 0
            verdict = unheardPeriods >= RedisLimits.missedProbes ? .dead : .missed
        }
        lastSent += 1
        wasPublished = true
        return (verdict, lastSent)
    }

    /// The probe with this number came back.
    mutating func heard(_ number: UInt64) {
        guard number > lastHeard, number <= lastSent else { return }
        lastHeard = number
        unheardPeriods = 0
    }

    /// The present probe could not be published.
    mutating func publishFailed() { wasPublished = false }

    /// The connection is a new one: earlier probes will not come any more.
    mutating func restart() {
        lastHeard = lastSent
        unheardPeriods = 0
        wasPublished = true
    }
}
