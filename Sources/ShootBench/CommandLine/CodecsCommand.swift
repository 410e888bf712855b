/// `shoot-bench codecs`: operations that need no server, in this process, for who counts what a process does.
enum CodecsCommand {
    static let help = """
        usage: shoot-bench codecs [--operation NAME] [--times N]

        Does each operation so often and tells its nanoseconds, and its allocations where they are counted.
          --operation NAME   only this one: \(CodecBenchmarks.names.joined(separator: ", "))
          --times N          how often (200000)

        """

    static func run(_ arguments: ArraySlice<String>) throws(BenchError) -> Int32 {
        let options = try OptionReader("codecs", arguments, valued: ["--operation", "--times"], flags: [])
        let only = options.text("--operation")
        guard only.map(CodecBenchmarks.names.contains) ?? true else {
            throw .usage("codecs: --operation takes one of \(CodecBenchmarks.names.joined(separator: ", "))")
        }
        let times = try options.integer("--times", 1...10_000_000, default: 200_000)
        for cost in CodecBenchmarks(only: only, operations: times).run() {
            Console.say("\(cost.name) \(cost.nanoseconds) \(cost.allocations.map { "\($0)" } ?? "-")\n")
        }
        return 0
    }
}
