/// What fan-out came to, as a section of the report.
struct FanOutReport {
    let outcomes: [FanOutSuite.Outcome]

    /// Processes and threads below this part of a core are left out.
    private static let smallestShare = 0.005

    var text: String {
        """
        ### Fan-out

        CPU time of the server for one delivery at the same load and frame size, median (range) of the runs:

        \(costs.text)
        The highest rate at which nothing was lost, doubled or out of order and p99 stayed under 200 ms. Redis,
        MongoDB, persister and load tool share the other core, which is full first:

        \(ceilings.text)
        """ + outcomes.compactMap(stages).joined()
    }

    private var costs: MarkdownTable {
        var table = MarkdownTable(
            "scenario", "deliveries/s", "plain server, CPU a delivery", "gateway, CPU a delivery", "ratio", "target")
        for outcome in outcomes {
            let name = "\(outcome.scenario.name): \(outcome.scenario.title)"
            let rate = outcome.gateway.first?.deliveriesPerSecond ?? 0
            table.add(
                name, LoadReport.number(rate), Self.cost(outcome.plainCost), Self.cost(outcome.gatewayCost),
                LoadReport.number(outcome.ratio) + (outcome.isComplete ? "" : " (incomplete)"),
                outcome.scenario.target.map { "<= \(LoadReport.number($0))" } ?? "-")
        }
        return table
    }

    private var ceilings: MarkdownTable {
        var table = MarkdownTable(
            "scenario", "gateway: messages/s", "deliveries/s", "p50", "p99", "gateway CPU", "load tool CPU",
            "plain server: deliveries/s")
        for outcome in outcomes {
            let best = outcome.ceiling
            let limit = best?.isClientBound == true ? " (load tool full)" : ""
            table.add(
                outcome.scenario.name, LoadReport.number(best?.messagesPerSecond ?? 0),
                LoadReport.number(best?.deliveriesPerSecond ?? 0) + limit, SuiteReport.quantile(best?.latency, 0.5),
                SuiteReport.quantile(best?.latency, 0.99),
                SuiteReport.core(best?.serverNanoseconds.first, best?.seconds),
                SuiteReport.core(best?.clientNanoseconds, best?.seconds),
                LoadReport.number(outcome.plainCeiling?.deliveriesPerSecond ?? 0))
        }
        return table
    }

    /// Where a message's CPU time goes at the highest rate, or where there is none at that of the comparison.
    private func stages(of outcome: FanOutSuite.Outcome) -> String? {
        guard let best = outcome.ceiling ?? outcome.gateway.last, !best.stages.isEmpty else { return nil }
        var table = MarkdownTable("process", "core", "CPU a message", "of it in the kernel", "of the core")
        for (stage, times) in best.stages where isTold(times.total, of: best) {
            table.add(
                stage.name, "\(stage.core)", Self.perMessage(times.total, of: best),
                SuiteReport.percent(Double(times.kernel) / Double(times.total)),
                SuiteReport.core(times.total, best.seconds))
            table.rows += threads(of: stage, times, best)
        }
        for core in Set(best.stages.map(\.stage.core)).sorted() {
            let sum = best.stages.filter { $0.stage.core == core }.reduce(0) { $0 + $1.times.total }
            table.add(
                "all of core \(core)", "\(core)", Self.perMessage(sum, of: best), "",
                SuiteReport.core(sum, best.seconds))
        }
        let rate = LoadReport.number(best.messagesPerSecond)
        let stored =
            best.storedAfter.map { " All was stored \(LoadReport.duration($0)) after the last was sent." } ?? ""
        return """

            \(outcome.scenario.name) at \(rate) messages/s: what each process took while it was measured.\(stored)

            \(table.text)
            """
    }

    private func threads(of stage: LoadPlan.Stage, _ times: ProcessTimes, _ best: LoadResult) -> [[String]] {
        let told = times.threads.filter { isTold($0.value, of: best) }.sorted { $0.value > $1.value }
        return told.map { name, time in
            [
                "- its threads *\(name)*", "\(stage.core)", Self.perMessage(time, of: best), "",
                SuiteReport.core(time, best.seconds),
            ]
        }
    }

    private func isTold(_ nanoseconds: UInt64, of result: LoadResult) -> Bool {
        Double(nanoseconds) >= result.seconds * 1e9 * Self.smallestShare
    }

    private static func perMessage(_ nanoseconds: UInt64, of result: LoadResult) -> String {
        LoadReport.duration(nanoseconds / max(result.messagesMeasured, 1))
    }

    private static func cost(_ runs: Runs) -> String { "\(LoadReport.number(runs.median)) ns (\(runs.range))" }
}
