/// What a chaos run found, as the measured part of `docs/reliability.md`.
struct ChaosReport {
    private var outcomes: [ChaosRun.Outcome] = []
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    mutating func add(_ outcome: ChaosRun.Outcome) { outcomes.append(outcome) }

    private static let columns = MarkdownTable(
        "fault", "what is done", "load", "messages", "deliveries", "connections lost", "lost", "doubled", "reordered",
        "to recover: answers", "deliveries", "stored")

    /// The outcomes alone.
    var table: String { table(keeping: [:]) }

    /// Puts the outcomes into the file. Rows of faults that were not tried this time stay as they are.
    func write(to path: String) throws(BenchError) {
        let block = try MeasuredBlock(of: path)
        var kept: [String: String] = [:]
        for line in block.text.split(separator: "\n") where line.hasPrefix("| `") {
            kept[String(line.dropFirst(3).prefix { $0 != "`" })] = String(line)
        }
        try block.replace(
            with: """
                Measured on \(ProcessUsage.machine), all on loopback; seed \(seed).

                \(table(keeping: kept))
                """)
    }

    private func table(keeping kept: [String: String]) -> String {
        var text = Self.columns.text
        for fault in Fault.all {
            if let outcome = outcomes.last(where: { $0.fault == fault.name }) {
                var table = Self.columns
                table.rows = [Self.row(outcome)]
                text += table.text.split(separator: "\n").last.map { "\($0)\n" } ?? ""
            } else if let line = kept[fault.name] {
                text += line + "\n"
            }
        }
        return text
    }

    private static func row(_ outcome: ChaosRun.Outcome) -> [String] {
        let time = { (value: UInt64) in value == 0 ? "none late" : LoadReport.duration(value) }
        return [
            "`\(outcome.fault)`", outcome.title, outcome.load, LoadReport.count(outcome.sent),
            LoadReport.count(outcome.delivered),
            LoadReport.count(outcome.moves), "\(outcome.lost)", "\(outcome.doubled)", "\(outcome.reordered)",
            time(outcome.answers), time(outcome.deliveries), time(outcome.saved),
        ]
    }
}
