import Glibc

/// What the suite found, as the measured part of `docs/performance.md`.
struct SuiteReport {
    private var sections: [String] = []
    /// Plots by file name, for `docs/performance/`.
    private(set) var plots: [String: String] = [:]

    /// Whether every part could be measured.
    private(set) var isComplete = true

    /// Measures a part where it is chosen, and says so where it cannot be measured.
    mutating func part(
        _ name: String, among chosen: Set<String>? = nil, _ measure: (inout SuiteReport) async throws -> Void
    ) async {
        guard chosen?.contains(name) ?? true else { return }
        Console.note("\(name)\n")
        do {
            try await measure(&self)
        } catch {
            isComplete = false
            sections.append("### \(name)\n\nIt could not be measured: \(error)\n")
        }
    }

    /// Puts a section behind the others.
    mutating func append(_ section: String) { sections.append(section) }

    /// All sections, one behind the other.
    var text: String { sections.joined(separator: "\n") + "\n" }

    /// Puts the sections into the file in the place of the last ones, and the plots beside it.
    func write(to path: String) throws(BenchError) {
        try MeasuredBlock(of: path).replace(with: sections.joined(separator: "\n"))
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        for (name, svg) in plots {
            try TextFile.write(svg, to: "\(folder.isEmpty ? "." : folder)/performance/\(name)")
        }
    }

    mutating func addMachine(isPrioritized: Bool) {
        sections.append("Measured on \(ProcessUsage.machine), all on loopback.\n")
        if !isPrioritized {
            sections.append(
                "Redis and the load tool had no priority (it takes root): latencies hold their waiting for a core.\n")
        }
    }

    mutating func add(deliveries: [LoadResult], unstored: LoadResult, status: LoadResult?) {
        var table = MarkdownTable("", "p50", "p90", "p99", "p99.9", "max", "target")
        for (index, result) in deliveries.enumerated() {
            table.rows.append(Self.row("delivery, run \(index + 1)", result.latency, "p50 <= 500 us, p99 <= 3 ms"))
        }
        table.rows.append(Self.row("delivery while nothing is stored", unstored.latency, "-"))
        for step in ["SENDING", "SENT_TO_STREAM", "PROCESSING", "SAVED"] {
            if let latencies = status?.status[step] {
                let target = step == "SAVED" ? "p50 <= 15 ms, p99 <= 60 ms" : "-"
                table.rows.append(Self.row("SEND to \(step)", latencies, target))
            }
        }
        let lost = (deliveries + [unstored, status].compactMap(\.self)).reduce(0) { $0 + $1.lost + $1.failed }
        let cpu = deliveries.first.map { $0.serverNanoseconds.reduce(0, +) } ?? 0
        sections.append(
            """
            ### Latency

            L1: 100 rooms of 10 over two gateways on one core, 1,000 messages/s, 10,000 deliveries/s; from the moment at
            which a message was to be sent. The gateways took \(Self.core(cpu, deliveries.first?.seconds)) together.
            Lost: \(lost).

            \(table.text)
            """)
    }

    mutating func add(idle: [ConnectionSuite.Idle], cycles: ConnectionSuite.Cycles) {
        var table = MarkdownTable("what", "measured", "target")
        for point in idle {
            table.add(
                "M1: resident bytes for each of \(LoadReport.number(Double(point.connections))) idle connections",
                LoadReport.number(point.bytesEach), "<= 3,000")
        }
        for (name, runs, target) in [
            ("C1: connect, subscribe, disconnect a second", cycles.gateway, ">= 8,000"),
            ("the same over TLS, a full handshake each time", cycles.secured, "-"),
            ("the same with the plain server, which checks no token", cycles.plain, "-"),
        ] {
            let runs = Runs(runs)
            table.add(name, "\(LoadReport.number(runs.median)) (\(runs.range))", target)
        }
        sections.append("### Connections\n\n\(table.text)")
    }

    mutating func add(resume: ResumeSuite.Outcome) {
        var table = MarkdownTable("what", "p50", "p90", "p99", "p99.9", "max", "target")
        table.rows.append(Self.row("all that was missed is there", resume.latency, "p99 < 2 s"))
        let (quiet, busy) = (LoadReport.duration(UInt64(resume.quiet)), LoadReport.duration(UInt64(resume.busy)))
        let clients = LoadReport.number(Double(resume.clients))
        sections.append(
            """
            ### Resume

            \(clients) clients come back at once, each of which missed \(resume.missed) messages:

            \(table.text)
            p99 of the deliveries to others meanwhile: \(busy), \(quiet) without them (target: less than doubled).

            """)
    }

    mutating func add(rest: (history: LatencyHistogram, roomList: LatencyHistogram)) {
        var table = MarkdownTable("500 requests/s", "p50", "p90", "p99", "p99.9", "max", "target")
        table.rows.append(Self.row("history, 50 messages", rest.history, "p99 <= 10 ms"))
        table.rows.append(Self.row("room list, 20 of 100", rest.roomList, "p99 <= 10 ms"))
        sections.append("### REST\n\n\(table.text)")
    }

    mutating func add(persisting: StoreSuite.Persisting) {
        let ratio = persisting.persister / max(persisting.bare, 1) * 100
        var table = MarkdownTable("what", "messages/s")
        table.add("bulk writes of libmongoc alone, one loop", LoadReport.number(persisting.bare))
        table.add(
            "persister, from the logs of 100 rooms, \(LoadReport.number(Double(persisting.messages))) messages",
            "\(LoadReport.number(persisting.persister)) (\(LoadReport.number(ratio)) %, target >= 50 %)")
        sections.append("### Persister\n\n\(table.text)")
    }

    mutating func add(quiet: QuietSuite.Outcome) {
        var table = MarkdownTable("rooms in Redis", "memory of Redis", "for each room")
        let rooms = LoadReport.number(Double(quiet.rooms))
        for (name, bytes) in [("none yet", quiet.before), (rooms, quiet.warm), ("none any more", quiet.after)] {
            let each = Double(bytes - quiet.before) / Double(quiet.rooms)
            table.add(name, "\(LoadReport.number(Double(bytes))) B", "\(LoadReport.number(each)) B")
        }
        sections.append(
            """
            ### Quiet rooms

            A message in each of \(rooms) rooms, all open on a gateway; then nobody uses them any more.

            \(table.text)
            """)
    }

    mutating func add(instructions: [(name: String, instructions: Int)]) {
        var table = MarkdownTable("operation", "instructions")
        for (name, instructions) in instructions {
            table.add(name, LoadReport.count(instructions))
        }
        sections.append(
            """
            ### Instructions

            What the codecs take for a message of 80 characters, counted by valgrind: on one compiler the same each time.

            \(table.text)
            """)
    }

    mutating func add(growth: [(name: String, points: [GrowthSuite.Point])]) {
        var text = """
            ### Growth

            CPU of the gateway for one delivery as one thing grows; the target is flat within 2x. As rooms grow, ten pairs
            of connections share them out, each room with one pair, and 1,000 messages/s go to the rooms in turn:
            connections, messages and deliveries stay as they are, and subscriptions grow with the rooms.


            """
        for curve in growth {
            var table = MarkdownTable(curve.name, "CPU a delivery", "against the smallest")
            let first = curve.points.first?.nanoseconds ?? 1
            for point in curve.points {
                table.add(
                    "\(point.size)", "\(LoadReport.number(point.nanoseconds)) ns",
                    LoadReport.number(point.nanoseconds / first) + (point.isComplete ? "" : " (incomplete)"))
            }
            let file = "growth-\(curve.name).svg"
            plots[file] =
                LinePlot(
                    title: "CPU of a delivery", xLabel: curve.name, yLabel: "ns",
                    series: [
                        .init(name: "gateway", points: curve.points.map { (Double($0.size), $0.nanoseconds) })
                    ]
                ).svg
            text += table.text + "\n![\(curve.name)](performance/\(file))\n\n"
        }
        sections.append(text)
    }

    private static func row(_ name: String, _ latencies: LatencyHistogram, _ target: String) -> [String] {
        [name] + [0.5, 0.9, 0.99, 0.999].map { quantile(latencies, $0) }
            + [LoadReport.duration(latencies.max), target]
    }

    static func quantile(_ latencies: LatencyHistogram?, _ part: Double) -> String {
        latencies.map { LoadReport.duration($0.quantile(part)) } ?? "-"
    }

    /// A part of a core, in percent.
    static func core(_ nanoseconds: UInt64?, _ seconds: Double?) -> String {
        guard let nanoseconds, let seconds else { return "-" }
        return percent(Double(nanoseconds) / 1e9 / seconds)
    }

    static func percent(_ part: Double) -> String { "\(LoadReport.number(part * 100)) %" }
}
