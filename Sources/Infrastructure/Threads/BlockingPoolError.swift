/// Why a ``BlockingPool`` did not run a body.
public enum BlockingPoolError: Error, Equatable, CustomStringConvertible {
    /// As many bodies are waiting as the pool allows. Try again later, or tell the caller to.
    case overloaded
    /// The pool has been told to shut down.
    case shutDown
    /// The system granted not a single thread when the pool was made.
    case noThreads

    /// Whether the same call may succeed later.
    public var isRetriable: Bool { self == .overloaded }

    public var description: String {
        switch self {
        case .overloaded: "too many blocking calls are waiting"
        case .shutDown: "the pool for blocking calls has shut down"
        case .noThreads: "the system granted no thread for blocking calls"
        }
    }
}
