/// `shoot-bench suite`: all of `make bench`.
enum SuiteCommand {
    static let help = """
        usage: shoot-bench suite [--only NAME]... [--repeats N] [--seconds S] [--quiet-rooms N] [--growth-rooms N]
                                 [--output FILE]

        Starts stores, gateways and a persister of its own, measures every scenario and puts what it found into FILE.
        Takes about twenty minutes of a machine that does nothing else. Exit status 1 where a part failed.
          --only NAME     \(parts.joined(separator: ", ")); all without it
          --repeats N     runs of each comparison, of which the median counts (3)
          --seconds S     measured in each run (5)
          --quiet-rooms N   rooms that go quiet (50000)
          --growth-rooms N  the most rooms where rooms grow, a power of ten (100000)
          --output FILE   a report with a place for the measurements, such as docs/performance.md; none: only said

        """

    private static let parts = [
        "F1", "F2", "F3", "latency", "connections", "resume", "rest", "persister", "growth", "quiet",
        "instructions",
    ]

    static func run(_ arguments: ArraySlice<String>) async throws -> Int32 {
        let options = try OptionReader(
            "suite", arguments,
            valued: ["--only", "--repeats", "--seconds", "--quiet-rooms", "--growth-rooms", "--output"], flags: [])
        let chosen = options.all("--only").isEmpty ? parts : options.all("--only")
        for name in chosen where !parts.contains(name) {
            throw BenchError.usage("suite: --only takes one of \(parts.joined(separator: ", "))")
        }
        let repeats = try options.integer("--repeats", 1...9, default: 3)
        let seconds = try options.number("--seconds", 1...60, default: 5)
        let quietRooms = try options.integer("--quiet-rooms", 1...1_000_000, default: 50_000)
        let growthRooms = try options.integer("--growth-rooms", 10...100_000, default: 100_000)
        let stack = try BenchStack()
        let quiet = Quiet(stack)
        let outcome: Result<SuiteReport, any Error>
        do {
            outcome = .success(
                try await measure(
                    Set(chosen), stack, quiet, repeats: repeats, seconds: seconds, quietRooms: quietRooms,
                    growthRooms: growthRooms))
        } catch {
            outcome = .failure(error)
        }
        quiet.end()
        await stack.stop()
        let report = try outcome.get()
        Console.say(report.text)
        if let path = options.text("--output") {
            try report.write(to: path)
        }
        return report.isComplete ? 0 : 1
    }

    /// Measures part after part; one that cannot be measured is told in its place and leaves the others alone.
    private static func measure(
        _ chosen: Set<String>, _ stack: BenchStack, _ quiet: Quiet, repeats: Int, seconds: Double,
        quietRooms: Int, growthRooms: Int
    ) async throws -> SuiteReport {
        var report = SuiteReport()
        report.addMachine(isPrioritized: quiet.isPrioritized)
        let fanOut = FanOutSuite(stack: stack, repeats: repeats, seconds: seconds)
        let latency = LatencySuite(stack: stack, repeats: repeats, seconds: seconds)
        let connections = ConnectionSuite(stack: stack, repeats: repeats, seconds: seconds)
        let stores = StoreSuite(stack: stack, seconds: seconds)
        let growth = GrowthSuite(stack: stack, seconds: seconds)
        await report.part("fan-out") { report throws in
            var outcomes: [FanOutSuite.Outcome] = []
            for scenario in Scenario.all where chosen.contains(scenario.name) {
                outcomes.append(try await fanOut.run(scenario))
            }
            if !outcomes.isEmpty {
                report.append(FanOutReport(outcomes: outcomes).text)
            }
        }
        await report.part("latency", among: chosen) { report throws in
            report.add(
                deliveries: try await latency.deliveries(), unstored: try await latency.unstored(),
                status: try await latency.statusTrail())
        }
        await report.part("connections", among: chosen) { report throws in
            let idle = [try await connections.idle(10_000), try await connections.idle(19_000)]
            report.add(idle: idle, cycles: try await connections.cycles())
        }
        await report.part("resume", among: chosen) { report throws in
            report.add(resume: try await ResumeSuite(stack: stack).run())
        }
        await report.part("rest", among: chosen) { report throws in report.add(rest: try await stores.rest()) }
        await report.part("persister", among: chosen) { report throws in
            report.add(persisting: try await stores.persisting())
        }
        await report.part("growth", among: chosen) { report throws in
            report.add(growth: [
                ("rooms", try await growth.rooms([10, 100, 1000, 10_000, 100_000].filter { $0 <= growthRooms })),
                ("connections", try await growth.connections([100, 1000, 10_000, 19_000])),
                ("participants", try await growth.participants([2, 100, 1000, 10_000])),
            ])
        }
        await report.part("quiet", among: chosen) { report throws in
            report.add(quiet: try await QuietSuite(stack: stack, rooms: quietRooms).run())
        }
        await report.part("instructions", among: chosen) { report throws in
            report.add(instructions: try InstructionCount.run(file: stack.file("instructions")))
        }
        return report
    }
}
