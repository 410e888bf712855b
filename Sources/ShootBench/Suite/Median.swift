/// Several runs of one measurement: the middle one counts, the others say how far they lie apart.
struct Runs {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var median: Double { sorted.isEmpty ? 0 : sorted[sorted.count / 2] }
    var range: String {
        guard let first = sorted.first, let last = sorted.last else { return "-" }
        return "\(LoadReport.number(first)) to \(LoadReport.number(last))"
    }
}
