import Application
import Domain
import Glibc

/// The wall clock, as fine as spans need it.
func wallTime() -> WallTime {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return WallTime(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec))
}

/// The wall clock.
func wallClock() -> Timestamp {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
}

/// Milliseconds by a clock that only goes forward; 0 is now.
func runningClock() -> @Sendable () -> UInt64 {
    let start = ContinuousClock.now
    return {
        let elapsed = (ContinuousClock.now - start).components
        return UInt64(elapsed.seconds) * 1000 + UInt64(elapsed.attoseconds / 1_000_000_000_000_000)
    }
}
