import Glibc
import Launcher

/// Makes a shared machine fit for measuring, for as long as it lives.
///
/// Redis and the load tool get real-time priority: they would otherwise wait for the end of MongoDB's time slices on the
/// core that they share, milliseconds each, which says nothing about Shoot. The kernel's queue of loopback packets is
/// made long enough for a burst. Where that is not permitted (it takes root) the report says so.
final class Quiet {
    private let backlog: String
    /// Whether the priorities could be given.
    let isPrioritized: Bool

    private static let backlogPath = "/proc/sys/net/core/netdev_max_backlog"

    init(_ stack: BenchStack) {
        backlog = ProcessUsage.text(Quiet.backlogPath)
        try? TextFile.write("200000\n", to: Quiet.backlogPath)
        let pids = [getpid()] + [stack.stack.redis?.process.pid].compactMap(\.self)
        isPrioritized = pids.allSatisfy(Quiet.prioritize)
    }

    /// Puts back what outlives this process.
    func end() { try? TextFile.write(backlog, to: Quiet.backlogPath) }

    /// All threads of a process; children are as others again.
    private static func prioritize(_ pid: Int32) -> Bool {
        guard let chrt = try? Tool.find("chrt") else { return false }
        let change = try? ChildProcess.start(
            "chrt", executable: chrt, arguments: ["--all-tasks", "--reset-on-fork", "--rr", "--pid", "1", "\(pid)"],
            logFile: "/dev/null")
        return change?.waitForExit(within: .seconds(5)) == .exited(0)
    }
}
