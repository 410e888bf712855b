import CThread
import Glibc

/// A thread of the operating system, with a name that `top -H` and debuggers show.
///
/// Swift's own pool must never block, and an event loop never gives its thread back: both need threads of their own.
public struct NamedThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread that runs `body` and ends with it. Linux shows the first 15 bytes of `name`.
    ///
    /// - Throws: ``ThreadError`` where the system grants no more threads.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) -> NamedThread {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { argument in
                if let argument {
                    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw ThreadError(code: code)
        }
        return NamedThread(handle: handle)
    }

    /// Waits for the end of the thread; once per thread, and not from the thread itself.
    public func join() {
        let code = pthread_join(handle, nil)
        precondition(code == 0, "cannot join a thread twice, nor a thread from itself")
    }
}

/// The system granted no thread.
public struct ThreadError: Error, CustomStringConvertible {
    /// The `errno` value that `pthread_create` returned.
    public let code: Int32

    public var description: String { "cannot start a thread: \(String(cString: strerror(code)))" }
}

/// What a new thread is handed over.
private final class ThreadStart: Sendable {
    private static let longestName = 15
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        // The kernel refuses a longer name altogether instead of cutting it.
        pthread_setname_np(pthread_self(), String(decoding: name.utf8.prefix(Self.longestName), as: UTF8.self))
        body()
    }
}
