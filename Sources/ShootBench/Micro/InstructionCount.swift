import Launcher

/// How many instructions an operation takes, counted by valgrind's callgrind. The count repeats where times do not.
enum InstructionCount {
    /// How often an operation is done in two runs: what a process does besides is the same in both.
    private static let (few, many) = (1000, 11_000)

    /// Instructions of each codec.
    /// - Parameter file: where to put what is needed on the way; its endings are added.
    static func run(file: String) throws -> [(name: String, instructions: Int)] {
        // Of debug information valgrind reads an older form only, and ends where it finds another.
        let (program, log) = (file + ".program", file + ".log")
        try run("strip", try Tool.find("strip"), ["--strip-debug", "-o", program, ExecutablePath.own()], log: log)
        return try CodecBenchmarks.names.map { name in
            let more = try count(name, many, program, log: log) - count(name, few, program, log: log)
            return (name, Int((Double(more) / Double(many - few)).rounded()))
        }
    }

    /// All instructions of a process that does the operation so often.
    private static func count(_ name: String, _ times: Int, _ program: String, log: String) throws -> Int {
        try run(
            "valgrind", try Tool.find("valgrind"),
            [
                "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "codecs", "--operation", name, "--times",
                "\(times)",
            ], log: log)
        // "==4711== Collected : 123456"
        let words = (TextFile.read(log) ?? "").split(separator: "\n").first { $0.contains(" Collected : ") }?
            .split(separator: " ")
        guard let count = words?.last.flatMap({ Int($0) }) else {
            throw BenchError.failed("valgrind tells no count of \(name)")
        }
        return count
    }

    private static func run(_ name: String, _ executable: String, _ arguments: [String], log: String) throws {
        let process = try ChildProcess.start(
            name, executable: executable, arguments: arguments,
            // Without it dictionaries have another order in each process.
            environment: ["SWIFT_DETERMINISTIC_HASHING": "1"], logFile: log)
        guard case .exited(0)? = process.waitForExit(within: .seconds(120)) else {
            process.terminate(grace: .zero)
            throw BenchError.failed("\(name) failed: \(process.logTail.joined(separator: " "))")
        }
    }
}
