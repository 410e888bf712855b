/// `shoot-bench suite`: all of `make bench`.
enum SuiteCommand {
    static let help = """
        usage: shoot-bench suite [--only NAME]... [--repeats N] [--seconds S] [--output FILE]

        Starts stores, gateways and a persister of its own, measures every scenario, writes a report.
          --only NAME     F1, F2 or F3; all without it
          --repeats N     runs of each comparison, of which the median counts (3)
          --seconds S     measured in each run (5)

        """

    static func run(_ arguments: ArraySlice<String>) async throws -> Int32 {
        let options = try OptionReader(
            "suite", arguments, valued: ["--only", "--repeats", "--seconds", "--output"], flags: [])
        let only = Set(options.all("--only"))
        let repeats = try options.integer("--repeats", 1...9, default: 3)
        let seconds = try options.number("--seconds", 1...60, default: 5)
        let stack = try BenchStack()
        let quiet = Quiet(cores: [0, 1])
        do {
            for scenario in Scenario.all where only.isEmpty || only.contains(scenario.name) {
                let outcome = try await FanOutSuite(stack: stack, repeats: repeats, seconds: seconds).run(scenario)
                Console.say(
                    "\(scenario.name): ratio \(outcome.ratio) gateway \(outcome.gatewayCost.median) plain \(outcome.plainCost.median)\n"
                )
                Console.say(LoadReport(result: outcome.gateway[0]).table + "\n")
                if let c = outcome.ceiling { Console.say("ceiling\n" + LoadReport(result: c).table + "\n") }
                if let c = outcome.plainCeiling { Console.say("plain ceiling\n" + LoadReport(result: c).table + "\n") }
            }
        } catch {
            quiet.end()
            await stack.stop()
            throw error
        }
        quiet.end()
        await stack.stop()
        return 0
    }
}
