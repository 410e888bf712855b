import COpenSSL
import Glibc

/// What the load tool needs for TLS: its own, as its other I/O is. It trusts any certificate and resumes no session, so
/// that every connection makes a full handshake.
///
/// It is safe to share: after its setting up, only sessions are made of it, which OpenSSL allows from several threads.
final class TLSClient: @unchecked Sendable {
    private let context: OpaquePointer

    init() throws(BenchError) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .failed("OpenSSL makes no context") }
        self.context = context
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        // What a full socket leaves is sent from another place later.
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
    }

    deinit { SSL_CTX_free(context) }

    /// TLS on a socket that is connecting.
    func session(on socket: Int32) throws(BenchError) -> TLSStream {
        guard let ssl = SSL_new(context) else { throw .failed("OpenSSL makes no session") }
        SSL_set_fd(ssl, socket)
        SSL_set_connect_state(ssl)
        return TLSStream(ssl)
    }
}

/// One connection of a `TLSClient`. Its handshake goes on with each call.
final class TLSStream {
    /// Whether it waits for room in the socket; else for bytes of the server.
    private(set) var waitsForRoom = false
    private let ssl: OpaquePointer

    /// The longest record of TLS (RFC 8446 §5.1).
    private static let longestRecord = 16_384

    fileprivate init(_ ssl: OpaquePointer) { self.ssl = ssl }

    deinit { SSL_free(ssl) }

    /// How many of these bytes it took.
    func write(_ bytes: [UInt8]) -> Int {
        guard !bytes.isEmpty else { return 0 }
        ERR_clear_error()
        let count = SSL_write(ssl, bytes, Int32(clamping: bytes.count))
        waitsForRoom = SSL_get_error(ssl, count) == SSL_ERROR_WANT_WRITE || (count > 0 && count < bytes.count)
        return Int(max(count, 0))
    }

    /// As recv(2): how many bytes came, 0 at the end, -1 with `errno`.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var total = 0
        // With room for a whole record nothing is left in OpenSSL, of which the poller would not know.
        while buffer.count - total >= Self.longestRecord {
            ERR_clear_error()
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[total...])
            let count = SSL_read(ssl, room.baseAddress, Int32(clamping: room.count))
            guard count > 0 else {
                let isOpen = [SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE].contains(SSL_get_error(ssl, count))
                guard total == 0, isOpen else { break }
                errno = EAGAIN
                return -1
            }
            total += Int(count)
        }
        return total
    }
}
