import Foundation
import Synchronization

/// What a test waits for in a `TCPProxy`, and then decides about.
public final class Trap: Sendable {
    private enum Decision { case none, pass, cut }

    let point: TCPProxy.Point
    private let patterns: [[UInt8]]
    private let isSprung = Observed(false)
    private let decision = Mutex(Decision.none)
    private let decided = DispatchSemaphore(value: 0)

    init(_ point: TCPProxy.Point, _ patterns: [[UInt8]]) {
        self.point = point
        self.patterns = patterns
    }

    /// Waits until it holds something; fails by the time limit of the test.
    public func sprung() async { await isSprung.wait { $0 } }

    /// Passes on what it holds, or is going to hold, and all behind it.
    public func release() { decide(.pass) }

    /// Drops what it holds, or is going to hold, and ends the connection, as seen from both sides.
    public func cut() { decide(.cut) }

    func catches(_ bytes: [UInt8]) -> Bool { patterns.allSatisfy { bytes.place(of: $0) != nil } }

    /// Blocks until the test has decided; whether what is held is to be passed on.
    func hold() -> Bool {
        isSprung.update { $0 = true }
        decided.wait()
        decided.signal()
        return decision.withLock { $0 == .pass }
    }

    private func decide(_ made: Decision) {
        let isFirst = decision.withLock { decision in
            guard decision == .none else { return false }
            decision = made
            return true
        }
        if isFirst {
            decided.signal()
        }
    }
}
