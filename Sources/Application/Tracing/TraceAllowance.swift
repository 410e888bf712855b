/// How many messages may be traced in a second: clients ask for it by a flag, and a trace costs several times what its
/// message does. A value that its owner keeps; time is a parameter.
public struct TraceAllowance: Sendable {
    private let perSecond: Int
    private var second: UInt64 = 0
    private var left: Int

    /// Allows `perSecond` in each second.
    public init(perSecond: Int) {
        self.perSecond = perSecond
        left = perSecond
    }

    /// Takes one out of the second that `milliseconds` of a monotonic clock fall into; false where none is left.
    public mutating func take(at milliseconds: UInt64) -> Bool {
        let now = milliseconds / 1000
        if now != second {
            second = now
            left = perSecond
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
