import CCurl

/// Why another server was not reached or did not answer.
public struct OutboundError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Kind: Sendable, Equatable {
        /// The URL is none, or not of a kind that is spoken here.
        case badURL
        /// Nobody is there, or the connection broke.
        case unreachable
        /// No answer in time.
        case timedOut
        /// The answer is larger than may be.
        case tooLarge
        /// The library could not be set up.
        case resources
    }

    public let kind: Kind
    /// The cause in words. It holds no URL, which may hold a password.
    public let cause: String

    /// Whether the same call may succeed later.
    public var isRetriable: Bool { kind == .unreachable || kind == .timedOut }

    public var description: String { cause }

    /// The other side ended the connection.
    public static let closed = OutboundError(.unreachable, "the connection was closed")

    init(_ kind: Kind, _ cause: String) {
        self.kind = kind
        self.cause = cause
    }

    init(_ code: CURLcode) {
        let kind: Kind =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_WRITE_ERROR: .tooLarge
            case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN: .resources
            default: .unreachable
            }
        self.init(kind, String(cString: curl_easy_strerror(code)))
    }
}
