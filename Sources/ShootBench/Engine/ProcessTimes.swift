import Glibc

/// CPU time that a process has taken so far.
struct ProcessTimes {
    /// ns.
    private(set) var total: UInt64 = 0
    /// What of it was the kernel's, ns.
    private(set) var kernel: UInt64 = 0
    /// Threads by name, a number at its end left out, ns.
    private(set) var threads: [String: UInt64] = [:]

    /// Nothing where the process has ended.
    /// - Parameters:
    ///   - withChildren: adds those that live, and theirs.
    ///   - withThreads: tells threads too.
    init(of pid: Int32, withChildren: Bool, withThreads: Bool) {
        var pids = [pid]
        while let pid = pids.popLast() {
            add("/proc/\(pid)/stat")
            for thread in ProcessUsage.entries(of: "/proc/\(pid)/task") {
                let folder = "/proc/\(pid)/task/\(thread)"
                if withChildren {
                    pids += ProcessUsage.text(folder + "/children").split(separator: " ").compactMap { Int32($0) }
                }
                if withThreads {
                    let name = Self.threadName(ProcessUsage.text(folder + "/comm"))
                    threads[name, default: 0] += ProcessUsage.cpuNanoseconds(ofThread: folder)
                }
            }
        }
    }

    /// What was taken since `earlier`.
    func since(_ earlier: ProcessTimes) -> ProcessTimes {
        var difference = self
        difference.total = total - min(total, earlier.total)
        difference.kernel = kernel - min(kernel, earlier.kernel)
        difference.threads = threads.reduce(into: [:]) { all, thread in
            all[thread.key] = thread.value - min(thread.value, earlier.threads[thread.key] ?? 0)
        }
        return difference
    }

    /// A thread's name without the number at its end; those of Swift's own pool have one that the kernel has cut.
    private static func threadName(_ comm: String) -> String {
        let name = comm.prefix { $0 != "\n" && $0 != "-" }
        return name.hasSuffix("oot.default") ? "Swift's pool" : String(name)
    }

    /// Adds what proc_pid_stat(5) tells: `pid (name) state ...`, user and kernel time as fields 14 and 15, in ticks. A
    /// thread that has ended is in them.
    private mutating func add(_ path: String) {
        let text = ProcessUsage.text(path)
        guard let name = text.lastIndex(of: ")") else { return }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return }
        let tick = 1_000_000_000 / UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        total += (user + system) * tick
        kernel += system * tick
    }
}
