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
    private var ready = [cepoll_ready](repeating: cepoll_ready(), count: 512)

    init() throws(BenchError) {
        descriptor = cepoll_create()
        guard descriptor >= 0 else { throw .failed("cannot wait for sockets: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Begins to wait for a socket; what becomes ready is told by its token.
    func add(_ socket: Int32, token: Int, write: Bool) {
        _ = cepoll_add(descriptor, socket, UInt32(token), write ? 1 : 0)
    }

    /// Changes whether it is also waited for room to write.
    func change(_ socket: Int32, token: Int, write: Bool) {
        _ = cepoll_change(descriptor, socket, UInt32(token), write ? 1 : 0)
    }

    /// Calls `body` for each socket that is ready, after waiting for at most so long.
    func wait(nanoseconds: UInt64, _ body: (Readiness) -> Void) {
        let count = cepoll_wait(descriptor, &ready, Int32(ready.count), nanoseconds)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let one = ready[index]
            body(Readiness(token: Int(one.token), canRead: one.can_read != 0, canWrite: one.can_write != 0))
        }
    }
}
