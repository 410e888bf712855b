/// A place in a room's log: message `seq`, then the `change`-th change told after it. It is the log's stream ID.
///
/// Message N has position `N-0`; an edit, a membership change or a failure told after it has `N-1`, `N-2`, …
public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of the newest message at this place; 0 before the first.
    public let seq: UInt64
    /// How many changes have followed that message.
    public let change: UInt64

    /// Before everything.
    public static let zero = Position(seq: 0, change: 0)

    /// The place `seq-change`.
    public init(seq: UInt64, change: UInt64 = 0) {
        self.seq = seq
        self.change = change
    }

    /// Reads `<seq>-<change>`, decimal on both sides; nil for anything else.
    public init?(_ text: some Collection<UInt8>) {
        let parts = text.split(separator: 0x2D, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let seq = Position.decimal(parts[0]), let change = Position.decimal(parts[1]) else {
            return nil
        }
        self.init(seq: seq, change: change)
    }

    /// The same, out of a string.
    public init?(_ text: String) { self.init(text.utf8) }

    /// `<seq>-<change>`.
    public var description: String { "\(seq)-\(change)" }

    /// Order of the log.
    public static func < (left: Position, right: Position) -> Bool {
        (left.seq, left.change) < (right.seq, right.change)
    }

    private static func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
}
