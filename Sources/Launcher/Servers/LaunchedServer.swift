import Glibc

/// A server that the launcher started as a child.
public protocol LaunchedServer: Sendable {
    var process: ChildProcess { get }
    /// On 127.0.0.1.
    var port: UInt16 { get }
    /// Where clients connect.
    var url: String { get }
}

extension LaunchedServer {
    /// Ends it in its own orderly way; may block for as long as it takes to write its data out.
    public func stop() { process.terminate(grace: LauncherLimits.serverStop) }

    /// SIGKILL: what a crash of the machine leaves.
    public func kill() { process.terminate(grace: .zero) }

    /// SIGSTOP: alive, and silent. SIGCONT by `resume`.
    public func pause() { process.kill(SIGSTOP) }

    /// Ends a `pause`.
    public func resume() { process.kill(SIGCONT) }
}

/// How hard a store tries not to lose data when the machine crashes.
public enum Durability: Sendable {
    /// Redis writes its log to disk once a second.
    case everySecond
    /// Redis answers only what is on disk.
    case always
    /// PostgreSQL does not wait for the disk either: for tests, whose data lives a minute.
    case none
}
