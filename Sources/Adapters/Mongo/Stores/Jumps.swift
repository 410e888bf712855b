/// The numbers that a room never gave out: a proven loss makes it go on further up, and says so here.
struct Jumps {
    private let ranges: [ClosedRange<UInt64>]

    /// No jumps, as in nearly every room.
    static let none = Jumps([])

    /// The room leaves out these numbers.
    init(_ ranges: [ClosedRange<UInt64>]) {
        self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// The number that comes after `seq`.
    func next(after seq: UInt64) -> UInt64 {
        ranges.reduce(seq + 1) { $1.contains($0) ? $1.upperBound + 1 : $0 }
    }

    /// The number that comes before `seq`; 0 before the first.
    func previous(before seq: UInt64) -> UInt64 {
        guard seq > 0 else { return 0 }
        return ranges.reversed().reduce(seq - 1) { $1.contains($0) ? max($1.lowerBound, 1) - 1 : $0 }
    }

    /// As many of `page`, oldest first, as follow `seq` without a hole.
    func run<Item>(of page: [Item], after seq: UInt64, number: (Item) -> UInt64) -> ArraySlice<Item> {
        var last = seq
        return page.prefix { item in
            defer { last = number(item) }
            return number(item) == next(after: last)
        }
    }

    /// As many of `page`, newest first, as come before `seq` without a hole.
    func run<Item>(of page: [Item], before seq: UInt64, number: (Item) -> UInt64) -> ArraySlice<Item> {
        var last = seq
        return page.prefix { item in
            defer { last = number(item) }
            return number(item) == previous(before: last)
        }
    }
}
