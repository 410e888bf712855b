import CUV

/// A timer of one loop, made by ``EventLoop/schedule(afterMilliseconds:repeatMilliseconds:_:)``.
///
/// It lives until it has fired (once, if it does not repeat) or is cancelled; nobody needs to keep it for that.
public final class LoopTimer: UVHandleOwner {
    private let loop: EventLoop
    private let handle: UVHandle<uv_timer_t>
    private var body: (() -> Void)?
    private let isRepeating: Bool

    init(loop: EventLoop, after: UInt64, every: UInt64, body: @escaping () -> Void) {
        self.loop = loop
        self.body = body
        isRepeating = every > 0
        handle = UVHandle(infallible: { timer in loop.uv.withPointer { _ = uv_timer_init($0, timer) } })
        handle.attach(self)
        handle.withPointer { timer in
            _ = uv_timer_start(
                timer, { handleOwner($0?.pointee.data, as: LoopTimer.self)?.fired() }, after, every)
        }
    }

    /// Stops the timer: its body is not called any more. Does nothing if it has fired or was cancelled before.
    public func cancel() {
        loop.assertCurrent()
        guard body != nil else { return }
        body = nil
        handle.close()
    }

    private func fired() {
        guard let body else { return }
        if !isRepeating {
            cancel()
        }
        body()
    }

    func closeForStop() { cancel() }

    func handleClosed() {}
}
