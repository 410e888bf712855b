import CThread
import Glibc

/// The number of cores that this process may run on, at least 1.
///
/// It is the affinity mask that counts: under `taskset`, or in a container with pinned cores, the machine's own number
/// would start loops that only get in each other's way.
public func availableCores() -> Int {
    var set = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
    let cores = withUnsafeBytes(of: &set) { mask in
        mask.reduce(0) { $0 + $1.nonzeroBitCount }
    }
    return max(1, cores)
}
