import Glibc

/// Time that only goes forward.
enum MonotonicClock {
    /// Milliseconds since some moment in the past.
    static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
