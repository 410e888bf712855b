import Glibc

/// What processes have used, as Linux tells it.
enum ProcessUsage {
    /// CPU time of all threads of a process so far, ns; 0 where it has ended.
    static func cpuNanoseconds(of pid: Int32) -> UInt64 {
        entries(of: "/proc/\(pid)/task").reduce(0) { $0 + cpuNanoseconds(ofThread: "/proc/\(pid)/task/\($1)") }
    }

    /// CPU time so far of the thread with this folder in /proc, ns; 0 where it has ended.
    static func cpuNanoseconds(ofThread folder: String) -> UInt64 {
        text(folder + "/schedstat").split(separator: " ").first.flatMap { UInt64($0) } ?? 0
    }

    /// Bytes of a process that are in memory.
    static func residentBytes(of pid: Int32) -> UInt64 {
        for line in text("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
            return (line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0) * 1024
        }
        return 0
    }

    /// CPU time of the calling thread so far, ns.
    static func ownThreadNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The share of all CPU time since boot that the host has taken away, as (stolen, all) ticks.
    static func steal() -> (stolen: UInt64, all: UInt64) {
        let fields = text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap {
            UInt64($0)
        }
        return (fields.count > 7 ? fields[7] : 0, fields.prefix(8).reduce(0, +))
    }

    /// What this machine is, in words.
    static var machine: String {
        let cpu = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let model = cpu.map { $0.drop { $0 != ":" }.dropFirst(2) } ?? "an unknown processor"
        let kernel = text("/proc/sys/kernel/osrelease").split(separator: "\n").first ?? "?"
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores of \(model), Linux \(kernel)"
    }

    /// A small file as text; empty where there is none.
    static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    /// The names in a folder; none where there is no such folder.
    static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") {
                names.append(name)
            }
        }
        return names
    }
}
