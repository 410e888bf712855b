import Synchronization
import Threads

/// Stands between Shoot and a store, on 127.0.0.1, and can cut them off from each other.
///
/// Safe to use from any thread: connections belong to a thread of their own, which looks at the mode again and again.
final class CutProxy: Sendable {
    enum Mode: Sendable {
        /// Passes everything on.
        case open
        /// Passes requests on and swallows replies: what is asked is done, and nobody is told.
        case mute
        /// Every connection is cut, and each new one.
        case cut
        /// Ends the thread.
        case ended
    }

    let port: UInt16
    private let thread: NamedThread
    private let current: SharedMode

    private final class SharedMode: Sendable {
        let value = Mutex(Mode.open)
    }

    /// Begins to listen.
    /// - Parameter target: the store's port.
    init(target: UInt16) throws {
        let (listener, port) = try Endpoint.listen(port: 0)
        let store = try Endpoint("ws://127.0.0.1:\(target)/")
        let mode = SharedMode()
        self.port = port
        current = mode
        thread = try NamedThread.start(name: "cut-proxy") {
            guard let relay = try? CutRelay(listener: listener, store: store) else { return }
            while case let mode = mode.value.withLock({ $0 }), mode != .ended {
                relay.turn(mode)
            }
        }
    }

    func set(_ mode: Mode) { current.value.withLock { $0 = mode } }

    /// Cuts everything and waits for the end of the thread; once.
    func end() {
        set(.ended)
        thread.join()
    }
}
