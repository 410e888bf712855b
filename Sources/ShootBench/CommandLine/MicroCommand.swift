import Launcher

/// `shoot-bench micro`: operations one by one, and allocations held against thresholds.
enum MicroCommand {
    static let help = """
        usage: shoot-bench micro [--thresholds FILE] [--instructions]

        Tells what single operations cost, and how many allocations a message takes in a gateway and a persister.
          --thresholds FILE   lines of "name most": exit status 1 where an operation allocates more often
          --instructions      in place of that: how many instructions operations take, counted by valgrind

        """

    static func run(_ arguments: ArraySlice<String>) async throws -> Int32 {
        let options = try OptionReader("micro", arguments, valued: ["--thresholds"], flags: ["--instructions"])
        if options.has("--instructions") {
            let file = try TemporaryFolder.make(prefix: "shoot-instructions-") + "/codecs"
            for (name, instructions) in try InstructionCount.run(file: file) {
                Console.say("\(name): \(LoadReport.count(instructions)) instructions\n")
            }
            return 0
        }
        let thresholds = try Thresholds(options.lines("--thresholds") ?? [])
        let stack = try BenchStack()
        let counts: Result<[(name: String, allocations: Double)], any Error>
        do {
            counts = .success(try codecs(stack) + (try await RoadAllocations(stack: stack).run()))
        } catch {
            counts = .failure(error)
        }
        await stack.stop()
        return thresholds.check(try counts.get()) ? 0 : 1
    }

    /// The codecs' allocations, counted in a process of their own.
    private static func codecs(_ stack: BenchStack) throws -> [(name: String, allocations: Double)] {
        let log = stack.file("codecs.log")
        let process = try ChildProcess.start(
            "codecs", executable: ExecutablePath.own(), arguments: ["codecs"],
            environment: try AllocationCount(stack.file("codecs.allocations")).environment(), logFile: log)
        guard case .exited(0)? = process.waitForExit(within: .seconds(60)) else {
            process.terminate(grace: .zero)
            throw BenchError.failed("the codecs cannot be measured: \(process.logTail.joined(separator: " "))")
        }
        return (TextFile.read(log) ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let time = Double(words[1]), let allocations = Double(words[2]) else { return nil }
            Console.say("\(words[0]): \(LoadReport.number(time)) ns\n")
            return (String(words[0]), allocations)
        }
    }
}

/// How many allocations each operation may make.
struct Thresholds {
    private let most: [String: Double]

    /// Lines of `name most`; those that begin with # are for readers.
    init(_ lines: [String]) throws(BenchError) {
        var most: [String: Double] = [:]
        for line in lines where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else {
                throw .usage("micro: --thresholds: \"\(line)\" is not a name and a number")
            }
            most[String(words[0])] = value
        }
        self.most = most
    }

    /// Says each count beside its threshold; whether all hold.
    func check(_ counts: [(name: String, allocations: Double)]) -> Bool {
        var allHold = true
        for (name, allocations) in counts {
            let limit = most[name]
            let holds = most.isEmpty || limit.map { allocations <= $0 } ?? false
            allHold = allHold && holds
            let allowed = limit.map { "at most \($0)" } ?? (most.isEmpty ? "" : "no threshold is set")
            Console.say("\(name): \(allocations) allocations \(allowed) \(holds ? "" : "<-- TOO MANY")\n")
        }
        for name in most.keys.sorted() where !counts.contains(where: { $0.name == name }) {
            Console.say("\(name): not measured\n")
            allHold = false
        }
        return allHold
    }
}
