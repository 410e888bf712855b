import Foundation

/// The folder under which one launcher keeps its servers' data, logs and process ids.
///
/// One launcher at a time: it holds a lock on the folder for as long as it lives, so that whatever an earlier one left
/// running there can be ended without asking.
public final class StateFolder: Sendable {
    public let path: String
    private let lock: Int32

    /// Takes the folder, made when it is missing, and ends what an earlier launcher left behind.
    /// - Parameter report: told, in one line, about each process that had to be ended.
    /// - Throws: `.alreadyRunning` when another launcher holds it.
    public init(_ path: String, report: (String) -> Void = { _ in }) throws(LauncherError) {
        self.path = path
        try Self.make(path)
        let lockFile = path + "/lock"
        lock = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw LauncherError(.system, "Cannot write \(lockFile): \(String(cString: strerror(errno))).")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? String(contentsOfFile: lockFile, encoding: .utf8)) ?? ""
            close(lock)
            let process = owner.split(separator: " ").first.map { " (process \($0))" } ?? ""
            throw LauncherError(.alreadyRunning, "\(path) is in use by another Shoot\(process): stop that one first.")
        }
        if let own = ProcessIdentity(of: getpid()) { try? own.text.write(toFile: lockFile, atomically: false) }
        endLeftovers(report)
    }

    deinit {
        // Closing alone would not do where a child that is just being started still has a copy of the descriptor.
        flock(lock, LOCK_UN)
        close(lock)
    }

    /// Writes down that a child works in this folder, for the launcher that comes after us.
    func record(_ child: ChildProcess) {
        guard let identity = ProcessIdentity(of: child.pid) else { return }
        try? identity.text.write(toFile: pidFolder + "/\(child.pid)", atomically: true)
    }

    /// The children are gone, and nothing is left to be cleaned up after us.
    func forgetChildren() {
        for file in pidFiles { try? FileManager.default.removeItem(atPath: file) }
    }

    private var pidFolder: String { path + "/pids" }

    private var pidFiles: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: pidFolder)) ?? []
        return names.map { pidFolder + "/" + $0 }
    }

    private func endLeftovers(_ report: (String) -> Void) {
        try? Self.make(pidFolder)
        for file in pidFiles {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            if let left = ProcessIdentity(text), left.isRunning {
                report("An earlier run left process \(left.pid) behind: ending it.")
                end(left)
            }
            try? FileManager.default.removeItem(atPath: file)
        }
    }

    private func end(_ process: ProcessIdentity) {
        kill(process.pid, SIGTERM)
        kill(process.pid, SIGCONT)
        let ended = try? waitUntil(within: LauncherLimits.serverStop) { () throws(LauncherError) in !process.isRunning }
        guard ended != true else { return }
        kill(process.pid, SIGKILL)
        _ = try? waitUntil(within: .seconds(5)) { () throws(LauncherError) in !process.isRunning }
    }

    /// Makes a folder and those above it.
    static func make(_ path: String) throws(LauncherError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw LauncherError(.system, "Cannot make the folder \(path): \(error.localizedDescription)")
        }
    }
}

extension String {
    fileprivate func write(toFile path: String, atomically: Bool) throws {
        try write(toFile: path, atomically: atomically, encoding: .utf8)
    }
}
