import Launcher

/// `shoot-bench chaos`: all of `make chaos`.
enum ChaosCommand {
    static let help = """
        usage: shoot-bench chaos [--fault NAME]... [--seconds S] [--seed N] [--gateways N] [--rooms N] [--clients N]
                                 [--rate N] [--output FILE]

        Starts stores, gateways and persisters of its own, breaks one thing after the other under load, and checks that
        nothing accepted is lost, doubled or reordered. Exit status 1, with a line for each, where a promise was broken.
          --fault NAME    \(Fault.all.prefix(4).map(\.name).joined(separator: ", ")),
                          \(Fault.all.dropFirst(4).map(\.name).joined(separator: ", "));
                          all without it
          --seconds S     how long messages are sent for each fault, longer where it takes longer (60)
          --seed N        who sends, who is hit and when; without it one is chosen, and said
          --gateways N    gateways (3)
          --rooms N       rooms (one for each ten clients)
          --clients N     clients over all rooms (1,000; 2,000 a gateway where one is killed)
          --rate N        messages a second (300)
          --output FILE   a report with a place for the measurements, such as docs/reliability.md; none: only said

        """

    static func run(_ arguments: ArraySlice<String>) async throws -> Int32 {
        let options = try OptionReader(
            "chaos", arguments,
            valued: ["--fault", "--seconds", "--seed", "--gateways", "--rooms", "--clients", "--rate", "--output"],
            flags: [])
        let names = options.all("--fault")
        for name in names where !Fault.all.contains(where: { $0.name == name }) {
            throw BenchError.usage(
                "chaos: --fault takes one of \(Fault.all.map(\.name).joined(separator: ", "))")
        }
        var chosen = ChaosOptions()
        chosen.seconds = try options.number("--seconds", 1...3600, default: 60)
        chosen.gateways = try options.integer("--gateways", 2...9, default: 3)
        chosen.rooms = try count("--rooms", options)
        chosen.clients = try count("--clients", options)
        chosen.rate = try options.number("--rate", 1...100_000, default: 300)
        chosen.seed = UInt64(try options.integer("--seed", 0...Int(Int32.max), default: Int.random(in: 0...999_999)))
        Console.note("seed \(chosen.seed)\n")
        let bench = try BenchStack(durability: .always, isPinned: false)
        var report = ChaosReport(seed: chosen.seed)
        var isKept = true
        for fault in Fault.all where names.isEmpty || names.contains(fault.name) {
            do {
                let outcome = try await ChaosRun(bench: bench, fault: fault, options: chosen).run()
                report.add(outcome)
                isKept = isKept && outcome.broken.isEmpty
                for line in outcome.broken {
                    Console.complain("\(fault.name): \(line)")
                }
            } catch {
                isKept = false
                Console.complain("\(fault.name): it could not be tried: \(error)")
            }
        }
        await bench.stop()
        Console.say(report.table)
        if let path = options.text("--output") {
            try report.write(to: path)
        }
        return isKept ? 0 : 1
    }

    private static func count(_ name: String, _ options: OptionReader) throws(BenchError) -> Int? {
        options.text(name) == nil ? nil : try options.integer(name, 1...20_000, default: 1)
    }
}
