import Synchronization

/// A number that only grows. Adding is one relaxed atomic addition, from any thread.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds to it.
    public func add(_ amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    /// What it has come to.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down, set or moved from any thread.
public final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    init() {}

    /// Moves it by an amount of either sign.
    public func add(_ amount: Int64) { level.wrappingAdd(amount, ordering: .relaxed) }

    /// Puts it at a value.
    public func set(_ value: Int64) { level.store(value, ordering: .relaxed) }

    /// Where it stands.
    public var value: Int64 { level.load(ordering: .relaxed) }
}

/// How often durations fell into each of a fixed row of buckets.
public final class Histogram: Sendable {
    /// Upper bounds of the buckets in microseconds; beyond the last is one more bucket.
    public static let boundsMicroseconds: [UInt64] = [
        100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
    ]

    private let cells: [Counter]
    private let total = Counter()

    init() { cells = (0...Histogram.boundsMicroseconds.count).map { _ in Counter() } }

    /// Counts one duration.
    public func observe(microseconds: UInt64) {
        let bounds = Histogram.boundsMicroseconds
        let index = bounds.firstIndex { microseconds <= $0 } ?? bounds.count
        cells[index].add()
        total.add(microseconds)
    }

    /// The counts of the buckets, the one beyond the last bound included.
    public var counts: [UInt64] { cells.map(\.value) }

    /// The sum of all durations in microseconds.
    public var sumMicroseconds: UInt64 { total.value }
}
