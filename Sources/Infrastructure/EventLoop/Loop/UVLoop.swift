import CUV

/// libuv's loop, with the three handles that every loop here has: one to be woken by, two to notice the ends of turns.
final class UVLoop {
    private let raw: UnsafeMutablePointer<uv_loop_t>
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    private let beforeWaiting: UnsafeMutablePointer<uv_prepare_t>
    private let afterEvents: UnsafeMutablePointer<uv_check_t>

    /// Makes a loop that is not running yet.
    init() throws(EventLoopError) {
        let raw = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
        let status = uv_loop_init(raw)
        guard status == 0 else {
            raw.deallocate()
            throw EventLoopError(.resources, status: status)
        }
        self.raw = raw
        wakeUp = .allocate(capacity: 1)
        beforeWaiting = .allocate(capacity: 1)
        afterEvents = .allocate(capacity: 1)
        uv_prepare_init(raw, beforeWaiting)
        uv_check_init(raw, afterEvents)
        wakeUp.initialize(to: uv_async_t())
        let asyncStatus = uv_async_init(raw, wakeUp) { EventLoop.owning($0?.pointee.loop)?.woken() }
        for handle in ownHandles {
            handle.pointee.data = nil
        }
        guard asyncStatus == 0 else {
            closeHandles()
            run()
            close()
            throw EventLoopError(.resources, status: asyncStatus)
        }
    }

    deinit {
        raw.deallocate()
        wakeUp.deallocate()
        beforeWaiting.deallocate()
        afterEvents.deallocate()
    }

    /// Sends events to `owner`, which must outlive the running of the loop.
    func attach(_ owner: EventLoop) {
        raw.pointee.data = Unmanaged.passUnretained(owner).toOpaque()
        uv_prepare_start(beforeWaiting) { EventLoop.owning($0?.pointee.loop)?.aboutToWait() }
        uv_check_start(afterEvents) { EventLoop.owning($0?.pointee.loop)?.eventsHandled() }
    }

    /// Lends the loop to a call of libuv.
    func withPointer<Result>(_ body: (UnsafeMutablePointer<uv_loop_t>) -> Result) -> Result { body(raw) }

    /// Milliseconds of a monotonic clock, read once per turn.
    var now: UInt64 { uv_now(raw) }

    /// Whether a handle or request is left.
    var isAlive: Bool { uv_loop_alive(raw) != 0 }

    /// Runs until ``stop()`` or, once all handles are closed, until nothing is left to wait for.
    func run() { uv_run(raw, UV_RUN_DEFAULT) }

    /// Makes ``run()`` return at the end of the turn.
    func stop() { uv_stop(raw) }

    /// Wakes the loop; the one thing here that any thread may do.
    func wake() { uv_async_send(wakeUp) }

    /// Begins closing every handle of the loop, its own included.
    func closeHandles() {
        uv_walk(
            raw,
            { handle, _ in
                guard let handle, uv_is_closing(handle) == 0 else { return }
                guard let data = handle.pointee.data else { return uv_close(handle, nil) }
                let owner = Unmanaged<AnyObject>.fromOpaque(data).takeUnretainedValue()
                (owner as? any UVHandleOwner)?.closeForStop()
            }, nil)
    }

    /// Gives the loop's descriptors back; nothing of it may be alive.
    func close() {
        let status = uv_loop_close(raw)
        precondition(status == 0, "cannot close a loop whose handles are open")
    }

    private var ownHandles: [UnsafeMutablePointer<uv_handle_t>] {
        [UnsafeMutableRawPointer(wakeUp), UnsafeMutableRawPointer(beforeWaiting), UnsafeMutableRawPointer(afterEvents)]
            .map { $0.assumingMemoryBound(to: uv_handle_t.self) }
    }
}
