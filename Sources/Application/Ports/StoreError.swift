/// Why a store did not do what it was asked.
public enum StoreError: Error, Sendable, Equatable {
    /// The server is out of reach or asks to try again: nothing is known to be wrong with the request.
    case unavailable(String)
    /// The server refused the request itself.
    case failed(String)

    /// The server's words.
    public var cause: String {
        switch self {
        case .unavailable(let cause), .failed(let cause): cause
        }
    }
}
