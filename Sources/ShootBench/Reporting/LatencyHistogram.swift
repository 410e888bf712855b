/// Counts durations in buckets that are at most 1.6 % wide, from nanoseconds to minutes (as HdrHistogram does).
struct LatencyHistogram {
    /// Buckets for each power of two, as bits.
    private static let precision = 6
    private var cells = [UInt64](repeating: 0, count: (64 - precision) << precision)
    private(set) var count: UInt64 = 0
    private(set) var max: UInt64 = 0

    /// Counts a duration in nanoseconds.
    mutating func add(_ nanoseconds: UInt64) {
        cells[LatencyHistogram.index(of: nanoseconds)] += 1
        count += 1
        max = Swift.max(max, nanoseconds)
    }

    /// The duration that so large a part (0 to 1) does not exceed, ns; 0 where nothing was counted.
    func quantile(_ part: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = UInt64((Double(count) * part).rounded(.up))
        var sum: UInt64 = 0
        for (index, cell) in cells.enumerated() {
            sum += cell
            if sum >= Swift.max(rank, 1) {
                return Swift.min(LatencyHistogram.upperBound(of: index), max)
            }
        }
        return max
    }

    private static func index(of value: UInt64) -> Int {
        let shift = Swift.max(0, 63 - value.leadingZeroBitCount - precision)
        guard value >= 1 << UInt64(precision) else { return Int(value) }
        return ((shift + 1) << precision) + Int(value >> UInt64(shift)) - (1 << precision)
    }

    private static func upperBound(of index: Int) -> UInt64 {
        guard index >= 1 << precision else { return UInt64(index) }
        let shift = UInt64((index >> precision) - 1)
        let base = UInt64((index & ((1 << precision) - 1)) + (1 << precision))
        return ((base + 1) << shift) - 1
    }
}
