/// A loop runs the jobs of actors that name it as their executor, in order with its other mailbox items.
///
/// ```swift
/// actor Session {
///     let loop: EventLoop
///     nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
/// }
/// ```
extension EventLoop {
    /// Puts a job of an actor into the mailbox. Called by Swift's runtime, on any thread.
    public func enqueue(_ job: consuming ExecutorJob) { _ = post(.job(UnownedJob(job))) }

    /// The reference by which an actor names this loop as its executor.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Stops the program where code that says it runs on this loop does not. Called by Swift's runtime.
    public func checkIsolated() {
        precondition(isCurrent, "cannot run on another thread what is isolated to loop \(name)")
    }
}
