/// A place in a room's log: message `seq`, then the `change`-th change told after it. It is the log's stream ID.
///
/// Message N has position `N-0`; an edit, a deletion, a reaction or a failure told after it has `N-1`, `N-2`, … A change of
/// membership is a message of the room itself, with a number of its own.
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
    public init?(_ text: Span<UInt8>) {
        var dash = 0
        while dash < text.count, text[dash] != 0x2D {
            dash += 1
        }
        guard dash < text.count, let seq = Position.decimal(text.extracting(0..<dash)),
            let change = Position.decimal(text.extracting((dash + 1)..<text.count))
        else { return nil }
        self.init(seq: seq, change: change)
    }

    /// The same, out of a string.
    public init?(_ text: String) { self.init(text.utf8Span.span) }

    /// `<seq>-<change>`.
    public var description: String { "\(seq)-\(change)" }

    /// Order of the log.
    public static func < (left: Position, right: Position) -> Bool {
        (left.seq, left.change) < (right.seq, right.change)
    }

    private static func decimal(_ digits: Span<UInt8>) -> UInt64? {
        guard digits.count > 0 else { return nil }
        var value: UInt64 = 0
        for index in digits.indices {
            guard digits[index] >= 0x30, digits[index] <= 0x39 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digits[index] - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
