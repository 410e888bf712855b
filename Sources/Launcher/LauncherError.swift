/// Why something could not be started or did not become ready: one line that says what to do, and, where a process
/// of ours ended or stayed silent, the last lines of its log.
public struct LauncherError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for callers that react to it.
    public enum Code: Sendable {
        /// A program that is needed is not installed.
        case missingTool
        /// Another process listens on the port.
        case portInUse
        /// Another launcher holds the state folder.
        case alreadyRunning
        /// A child process ended although it should be running.
        case ended
        /// A child process did not become ready in time.
        case timedOut
        /// SIGINT, SIGTERM or SIGHUP asked to stop while something was being started.
        case interrupted
        /// The operating system refused a call.
        case system
    }

    public let code: Code
    public let message: String
    public let logTail: [String]

    public init(_ code: Code, _ message: String, logTail: [String] = []) {
        self.code = code
        self.message = message
        self.logTail = logTail
    }

    public var description: String {
        logTail.isEmpty ? message : message + "\n" + logTail.map { "    | " + $0 }.joined(separator: "\n")
    }
}
