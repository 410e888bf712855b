/// Carries an object that belongs to one loop through code that runs elsewhere.
///
/// Connections and timers are not Sendable: they are touched on their loop only. A closure or a task that must find them
/// again carries them in this. It is safe because the value is only reached through ``value``, which (in debug builds)
/// checks that it is the loop's thread that reaches.
public struct LoopBound<Value>: @unchecked Sendable {
    private let stored: Value
    /// The loop that the value belongs to.
    public let loop: EventLoop

    /// Binds `value` to `loop`; called on that loop.
    public init(_ value: Value, on loop: EventLoop) {
        loop.assertCurrent()
        stored = value
        self.loop = loop
    }

    /// The value, on its loop only.
    public var value: Value {
        loop.assertCurrent()
        return stored
    }
}
