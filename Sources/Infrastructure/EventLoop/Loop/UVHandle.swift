import CUV

/// Whoever owns a libuv handle, as the loop sees it when it stops and must close all of them.
protocol UVHandleOwner: AnyObject {
    /// The loop is stopping: close the handle unless that was begun before.
    func closeForStop()
    /// libuv has let go of the handle; its memory goes next.
    func handleClosed()
}

/// The memory of one libuv handle, and the reference that keeps its owner alive while libuv may call it back.
///
/// The life of it: made and initialised, ``attach(_:)`` retains the owner, ``close()`` asks libuv to let go, after which
/// the owner hears ``UVHandleOwner/handleClosed()``, is released, and the memory is freed. A handle is always closed: if
/// not by its owner then by the loop when it stops.
struct UVHandle<Raw> {
    private let raw: UnsafeMutablePointer<Raw>

    /// Allocates a handle and has `initialize` (a `uv_…_init`, whose status it returns) set it up.
    init(
        _ code: EventLoopError.Code = .resources, initialize: (UnsafeMutablePointer<Raw>) -> Int32
    ) throws(EventLoopError) {
        raw = .allocate(capacity: 1)
        let status = initialize(raw)
        guard status == 0 else {
            raw.deallocate()
            throw EventLoopError(code, status: status)
        }
        withHandle { $0.pointee.data = nil }
    }

    /// Allocates a handle of a kind whose initialisation cannot fail.
    init(infallible initialize: (UnsafeMutablePointer<Raw>) -> Void) {
        raw = .allocate(capacity: 1)
        initialize(raw)
        withHandle { $0.pointee.data = nil }
    }

    /// Makes `owner` the one that callbacks find, and keeps it alive until the handle is closed.
    func attach(_ owner: some UVHandleOwner) {
        withHandle { $0.pointee.data = Unmanaged<AnyObject>.passRetained(owner).toOpaque() }
    }

    /// Lends the handle to a call of libuv.
    func withPointer<Result>(_ body: (UnsafeMutablePointer<Raw>) -> Result) -> Result { body(raw) }

    /// Lends the handle as libuv's base type.
    func withHandle<Result>(_ body: (UnsafeMutablePointer<uv_handle_t>) -> Result) -> Result {
        body(UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_handle_t.self))
    }

    /// Begins closing; at most once.
    func close() {
        withHandle { handle in
            uv_close(handle) { handle in
                guard let handle else { return }
                if let data = handle.pointee.data {
                    let owner = Unmanaged<AnyObject>.fromOpaque(data).takeRetainedValue()
                    (owner as? any UVHandleOwner)?.handleClosed()
                }
                UnsafeMutableRawPointer(handle).deallocate()
            }
        }
    }
}

extension UVHandle where Raw == uv_tcp_t {
    /// Lends the handle as a stream.
    func withStream<Result>(_ body: (UnsafeMutablePointer<uv_stream_t>) -> Result) -> Result {
        withPointer { body(UnsafeMutableRawPointer($0).assumingMemoryBound(to: uv_stream_t.self)) }
    }
}

/// The owner that a callback's handle was attached to.
///
/// The type is the one given to ``UVHandle/attach(_:)``: each callback is installed by that owner's own code.
func handleOwner<Owner: AnyObject>(_ data: UnsafeMutableRawPointer?, as type: Owner.Type) -> Owner? {
    data.map { Unmanaged<Owner>.fromOpaque($0).takeUnretainedValue() }
}
