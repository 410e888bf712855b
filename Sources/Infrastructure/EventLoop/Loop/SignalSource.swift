import CUV
import Glibc

/// Tells a loop of one of the process's signals, each time it comes, instead of having it end the process.
public final class SignalSource: UVHandleOwner {
    /// The signals that a server is spoken to with.
    public enum Signal: Sendable, CaseIterable {
        /// SIGTERM: end in good order.
        case terminate
        /// SIGINT: Ctrl-C.
        case interrupt
        /// SIGHUP: the terminal has gone, or by custom: read the configuration again.
        case hangUp

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .hangUp: SIGHUP
            }
        }
    }

    private let loop: EventLoop
    private let handle: UVHandle<uv_signal_t>
    private var body: (() -> Void)?

    /// Calls `body` on `loop` for each `signal`, until ``cancel()``. Loop-only; nobody needs to keep the source.
    @discardableResult
    public static func observe(
        _ signal: Signal, on loop: EventLoop, _ body: @escaping () -> Void
    ) throws(EventLoopError) -> SignalSource {
        loop.assertCurrent()
        let source = try SignalSource(loop: loop, body: body)
        let status = source.handle.withPointer { handle in
            uv_signal_start(
                handle, { handle, _ in handleOwner(handle?.pointee.data, as: SignalSource.self)?.body?() },
                signal.number)
        }
        guard status == 0 else {
            source.cancel()
            throw EventLoopError(.resources, status: status)
        }
        return source
    }

    private init(loop: EventLoop, body: @escaping () -> Void) throws(EventLoopError) {
        self.loop = loop
        self.body = body
        handle = try UVHandle { handle in loop.uv.withPointer { uv_signal_init($0, handle) } }
        handle.attach(self)
    }

    /// Gives the signal back to its usual effect. Loop-only.
    public func cancel() {
        loop.assertCurrent()
        guard body != nil else { return }
        body = nil
        handle.close()
    }

    func closeForStop() { cancel() }

    func handleClosed() {}
}
