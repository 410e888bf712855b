import Foundation

/// Names one process beyond doubt: its id, when it started, and in which boot of the machine.
///
/// A process id alone is reused; with its start time it is not, so a process found by an identity that we wrote down is
/// the one that we started, and may be ended.
public struct ProcessIdentity: Sendable, Equatable {
    public let pid: pid_t
    /// Clock ticks since the machine booted (proc(5), `starttime`).
    let startTime: UInt64
    let boot: String

    /// The process that has this id now; nil when there is none, or only a zombie.
    public init?(of pid: pid_t) {
        guard
            let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            // The program's name, in parentheses, may itself hold spaces and parentheses: count from the last one.
            let nameEnd = status.lastIndex(of: ")")
        else { return nil }
        let fields = status[status.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", let startTime = UInt64(fields[19]) else { return nil }
        self.pid = pid
        self.startTime = startTime
        self.boot = boot.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Reads what `text` gives.
    public init?(_ text: String) {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, let pid = pid_t(fields[0]), pid > 0, let startTime = UInt64(fields[1]) else {
            return nil
        }
        self.pid = pid
        self.startTime = startTime
        self.boot = String(fields[2])
    }

    /// The form kept in pid files: `pid startTime boot`.
    public var text: String { "\(pid) \(startTime) \(boot)\n" }

    /// Whether that very process still runs.
    public var isRunning: Bool { ProcessIdentity(of: pid) == self }
}
