import Glibc

/// Waits, looking again at short intervals, until a condition holds.
///
/// May block for the whole of `limit`; never call it on a thread that others wait for.
/// - Parameter stop: where given, a request to stop ends the wait.
/// - Returns: whether the condition came to hold in time.
/// - Throws: `.interrupted` when asked to stop, and what `condition` throws.
public func waitUntil(
    within limit: Duration, stop: StopRequest? = nil, _ condition: () throws(LauncherError) -> Bool
) throws(LauncherError) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try condition() { return true }
        if let stop, stop.isRequested { throw LauncherError(.interrupted, "Asked to stop while starting.") }
        if clock.now >= deadline { return false }
        pause(LauncherLimits.pollInterval)
    }
}

/// Blocks the calling thread for `duration`, or until a signal arrives.
func pause(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
}
