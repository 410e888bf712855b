import Foundation
import Launcher
import Synchronization

/// A program that runs to its end: a foreign client, or `shoot` with an argument that makes it answer and leave.
public enum Command {
    /// How it ended and what it wrote, errors included.
    public struct Outcome: Sendable {
        public let status: ChildProcess.ExitStatus
        public let output: String

        public var succeeded: Bool { status == .exited(0) }
        /// nil where a signal ended it.
        public var exitCode: Int32? { status.exitCode }
    }

    /// It did not end in time and was killed.
    public struct TimedOut: Error, CustomStringConvertible {
        public let command: String
        public let output: String

        public var description: String { "\(command) did not end in time; it wrote:\n\(output)" }
    }

    private static let started = Atomic<Int>(0)

    /// A log file that no other process of this test run writes.
    static func newLogFile(_ name: String) throws -> String {
        let number = started.wrappingAdd(1, ordering: .relaxed).newValue
        return try TestFolder.path() + "/\(number)-\(name).log"
    }

    /// - Parameter limit: after this it is killed.
    /// - Throws: `TimedOut`, and `LauncherError` when it cannot be started.
    public static func run(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        try await blocking {
            let name = (executable as NSString).lastPathComponent
            let log = try newLogFile(name)
            let child = try ChildProcess.start(
                name, executable: executable, arguments: arguments, environment: environment, logFile: log)
            let status = child.waitForExit(within: limit)
            if status == nil { child.terminate(grace: .zero) }
            let output = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            guard let status else { throw TimedOut(command: name, output: output) }
            return Outcome(status: status, output: output)
        }
    }

    /// Runs a Python script with the packages that `scripts/install.sh` put into the project's own environment.
    public static func python(
        _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        guard let python = ProjectFiles.find(".state/venv/bin/python") else {
            throw LauncherError(.missingTool, "The Python environment is missing: run scripts/install.sh.")
        }
        return try await run(python, arguments, environment: environment, within: limit)
    }
}

extension ChildProcess.ExitStatus {
    /// The exit status; nil where a signal ended the process.
    public var exitCode: Int32? {
        if case .exited(let code) = self { code } else { nil }
    }
}
