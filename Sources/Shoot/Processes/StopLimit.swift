import Glibc
import Telemetry
import Threads

/// Ends the process when its stop takes longer than it may, whatever it hangs on: a thread of its own sees to that.
enum StopLimit {
    /// Begins to count. Without a thread for it the stop goes on all the same, without the limit.
    static func begin(seconds: Int, logger: Logger) {
        do {
            _ = try NamedThread.start(name: "stop-limit") {
                sleep(UInt32(seconds))
                logger.error("process.stop_overdue", ["seconds": .integer(Int64(seconds))])
                exitAtOnce()
            }
        } catch {
            logger.warning("process.stop_unlimited", ["cause": .string("\(error)")])
        }
    }
}
