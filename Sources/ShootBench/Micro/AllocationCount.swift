import Glibc

/// How many allocations a process has made into which libAllocationCount.so was loaded: the number in its file.
struct AllocationCount {
    /// The variable that names the file to the library.
    static let variable = "SHOOT_ALLOCATION_COUNTS"

    private let path: String

    init(_ path: String) { self.path = path }

    /// What a child needs in its environment to be counted.
    func environment() throws(BenchError) -> [String: String] {
        ["LD_PRELOAD": try BenchStack.sibling("libAllocationCount.so"), AllocationCount.variable: path]
    }

    /// The count of this process; nil where nothing counts.
    static var own: AllocationCount? { getenv(variable).map { AllocationCount(String(cString: $0)) } }

    var value: UInt64 {
        var value: UInt64 = 0
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        return read(file, &value, 8) == 8 ? value : 0
    }
}
