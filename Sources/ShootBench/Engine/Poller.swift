import CEPoll
import Glibc

/// Waits for many sockets on one thread, by epoll(7).
///
/// The load tool and the plain server have I/O code of their own: a yardstick must not be made of what it measures.
final class Poller {
    /// What a socket is ready for.
    struct Readiness {
        let token: Int
        let canRead: Bool
        let canWrite: Bool
    }

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    init() throws(BenchError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .failed("cannot wait for sockets: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Begins to wait for a socket; what becomes ready is told by its token.
    func add(_ socket: Int32, token: Int, write: Bool) { control(EPOLL_CTL_ADD, socket, token, write) }

    /// Changes whether it is also waited for room to write.
    func change(_ socket: Int32, token: Int, write: Bool) { control(EPOLL_CTL_MOD, socket, token, write) }

    /// Calls `body` for each socket that is ready, after waiting for at most so long.
    func wait(nanoseconds: UInt64, _ body: (Readiness) -> Void) {
        var limit = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = epoll_pwait2(descriptor, &events, Int32(events.count), &limit, nil)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = events[index]
            let failed = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            body(
                Readiness(
                    token: Int(event.data.u32), canRead: failed || event.events & EPOLLIN.rawValue != 0,
                    canWrite: failed || event.events & EPOLLOUT.rawValue != 0))
        }
    }

    private func control(_ operation: Int32, _ socket: Int32, _ token: Int, _ write: Bool) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (write ? EPOLLOUT.rawValue : 0)
        event.data.u32 = UInt32(token)
        epoll_ctl(descriptor, operation, socket, &event)
    }
}
