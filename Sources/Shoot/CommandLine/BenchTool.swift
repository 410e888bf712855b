import Glibc

/// `shoot bench`: the load tool is a program of its own, beside this one.
enum BenchTool {
    /// Becomes the load tool; returns only where that is not there.
    static func run(_ arguments: [String]) -> Int32 {
        let folder = executablePath().split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/shoot-bench"
        var list = ([path] + arguments).map { strdup($0) }
        list.append(nil)
        execv(path, list)
        complain("\(path) cannot be started: \(String(cString: strerror(errno))); make build makes it")
        return ExitStatus.failure
    }
}
