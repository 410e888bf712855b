import Glibc
import Launcher

/// Makes a machine quieter for as long as it lives: spinners that run only where nothing else does keep the host from
/// taking idle cores away, and the kernel's queue of loopback packets takes a burst.
final class Quiet {
    private var spinners: [ChildProcess] = []
    private let backlog: String
    private static let backlogPath = "/proc/sys/net/core/netdev_max_backlog"

    init(cores: [Int]) {
        backlog = ProcessUsage.text(Quiet.backlogPath)
        try? TextFile.write("200000\n", to: Quiet.backlogPath)
        for core in cores {
            guard let chrt = try? Tool.find("chrt") else { continue }
            let spinner = try? ChildProcess.start(
                "spinner", executable: chrt,
                arguments: ["--idle", "0", "taskset", "-c", "\(core)", "sh", "-c", "while :; do :; done"],
                logFile: "/dev/null")
            if let spinner {
                spinners.append(spinner)
            }
        }
    }

    /// Puts everything back.
    func end() {
        for spinner in spinners {
            spinner.terminate(grace: .zero)
        }
        try? TextFile.write(backlog, to: Quiet.backlogPath)
    }
}
