import CUV

/// What failed on an event loop, why, and where it was noticed.
public struct EventLoopError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable {
        /// The loop has been stopped or is stopping.
        case stopped
        /// The system refused a resource: descriptors, memory, threads.
        case resources
        /// An address is not one, or cannot be listened on.
        case badAddress
        /// Another socket listens on the address.
        case addressInUse
        /// A host name has no address.
        case resolution
        /// Nobody accepted the connection.
        case connect
        /// The connection, its TLS handshake included, took longer than allowed.
        case connectTimedOut
        /// An established connection broke.
        case io
        /// A certificate, key or set of authorities cannot be used.
        case tlsConfiguration
        /// The peer broke TLS, or showed a certificate that does not hold.
        case tls
    }

    public let code: Code
    /// The words of libuv, OpenSSL or the system.
    public let cause: String
    /// `file:line` of the code that noticed.
    public let location: String

    init(_ code: Code, _ cause: String, fileID: StaticString = #fileID, line: UInt32 = #line) {
        self.code = code
        self.cause = cause
        location = "\(fileID):\(line)"
    }

    /// The error for a negative status of libuv, in its words.
    init(_ code: Code, status: Int32, fileID: StaticString = #fileID, line: UInt32 = #line) {
        let inUse = status == UV_EADDRINUSE.rawValue
        self.init(inUse ? .addressInUse : code, String(cString: uv_strerror(status)), fileID: fileID, line: line)
    }

    /// Whether the same attempt may succeed later.
    public var isRetriable: Bool {
        switch code {
        case .resources, .addressInUse, .resolution, .connect, .connectTimedOut, .io: true
        case .stopped, .badAddress, .tlsConfiguration, .tls: false
        }
    }

    public var description: String { "\(code): \(cause) (\(location))" }
}
