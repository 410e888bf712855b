import Foundation
import Synchronization

/// A program running as a child, in a process session of its own: Ctrl-C in a terminal reaches the launcher alone,
/// which then stops its children in the right order.
///
/// Should the launcher die without stopping it, `Watchdog` does. Safe to use from any thread.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum ExitStatus: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// How a process is asked to end: stores have a signal of their own for it.
    public let stopSignal: Int32
    public let name: String
    public let pid: pid_t
    /// Where its standard output and error go; nil: to those of the launcher.
    public let logFile: String?
    private let ended = Mutex<ExitStatus?>(nil)

    /// Starts a program.
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - executable: full path; see `Tool.find`.
    ///   - environment: variables set on top of the launcher's own.
    ///   - logFile: receives output and errors; emptied first.
    /// - Throws: `.system` when it cannot be started.
    public static func start(
        _ name: String, executable: String, arguments: [String] = [], environment: [String: String] = [:],
        logFile: String? = nil, stopSignal: Int32 = SIGTERM
    ) throws(LauncherError) -> ChildProcess {
        let all = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pid = try ProcessSpawn(
            executable: executable, arguments: arguments, environment: all,
            output: logFile.map { .file($0) } ?? .inherit
        ).start()
        let child = ChildProcess(name: name, pid: pid, logFile: logFile, stopSignal: stopSignal)
        do {
            try Watchdog.shared().watch(child)
        } catch {
            child.terminate(grace: .zero)
            throw error
        }
        return child
    }

    private init(name: String, pid: pid_t, logFile: String?, stopSignal: Int32) {
        self.name = name
        self.pid = pid
        self.logFile = logFile
        self.stopSignal = stopSignal
    }

    /// How it ended; nil while it runs.
    public var exitStatus: ExitStatus? {
        ended.withLock { ended in
            reap(&ended)
            return ended
        }
    }

    public var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless it has ended: its id might be another process' by then.
    public func kill(_ signal: Int32) {
        ended.withLock { ended in
            reap(&ended)
            if ended == nil { Glibc.kill(pid, signal) }
        }
    }

    /// Waits for its end; may block for `limit`.
    /// - Returns: how it ended; nil when it still runs.
    @discardableResult
    public func waitForExit(within limit: Duration) -> ExitStatus? {
        _ = try? waitUntil(within: limit) { () throws(LauncherError) in exitStatus != nil }
        return exitStatus
    }

    /// Asks it to end, and kills it when it has not within `grace`; may block for that long.
    @discardableResult
    public func terminate(grace: Duration = LauncherLimits.processStop) -> ExitStatus {
        if grace > .zero {
            kill(stopSignal)
            // A stopped process handles no signal but SIGKILL and this one.
            kill(SIGCONT)
            if let status = waitForExit(within: grace) { return status }
        }
        kill(SIGKILL)
        while true {
            if let status = waitForExit(within: .seconds(1)) { return status }
        }
    }

    /// Waits until `probe` says that it is ready.
    /// - Throws: `.ended` when it ends first, `.timedOut`; both with the end of its log.
    public func waitUntilReady(
        within limit: Duration = LauncherLimits.serverStart, stop: StopRequest? = nil,
        _ probe: () throws(LauncherError) -> Bool
    ) throws(LauncherError) {
        let ready = try waitUntil(within: limit, stop: stop) { () throws(LauncherError) in
            if let status = exitStatus {
                throw LauncherError(.ended, "\(name) \(status) before it was ready.", logTail: logTail)
            }
            return try probe()
        }
        guard ready else {
            throw LauncherError(.timedOut, "\(name) was not ready within \(limit).", logTail: logTail)
        }
    }

    /// The last lines that it wrote.
    public var logTail: [String] { logFile.map { LogTail.lines(of: $0) } ?? [] }

    private func reap(_ ended: inout ExitStatus?) {
        guard ended == nil else { return }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return }
        ended = ExitStatus(waitStatus: status)
        Watchdog.current?.forget(self)
    }
}

extension ChildProcess.ExitStatus: CustomStringConvertible {
    /// Takes apart what wait(2) gives; the macros for it are not visible from Swift.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    public var description: String {
        switch self {
        case .exited(let code): "ended with exit status \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        }
    }
}
