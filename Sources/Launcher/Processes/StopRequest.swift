import Foundation
import Synchronization

/// Whether this process was asked to stop. Start-up looks at it between steps, so that Ctrl-C works there too.
public final class StopRequest: Sendable {
    private let requested = Atomic<Bool>(false)

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// Asks to stop; any thread.
    public func request() { requested.store(true, ordering: .releasing) }

    /// Makes SIGINT, SIGTERM and SIGHUP of this process ask to stop instead of ending it.
    ///
    /// Call it on the main thread before others exist: threads inherit that these signals are blocked.
    /// The dispositions are reset first, because a shell starts background jobs with SIGINT ignored.
    public static func onSignals() -> StopRequest {
        let stop = StopRequest()
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_DFL)
            sigaddset(&signals, number)
        }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        Thread.detachNewThread {
            var received: Int32 = 0
            withUnsafePointer(to: awaited) { set in
                while sigwait(set, &received) == 0 { stop.request() }
            }
        }
        return stop
    }
}
