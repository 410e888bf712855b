import Bytes
import COpenSSL

/// One TLS connection without I/O: encrypted bytes are put in and taken out, so are those in the clear.
final class TLSSession {
    /// How far a handshake has come.
    enum HandshakeProgress {
        case needsMore
        case done
        case failed(EventLoopError)
    }

    /// What decrypting came to.
    enum Decrypted {
        case bytes(Int)
        case needsMore
        /// The peer said that it sends no more.
        case ended
        case failed(EventLoopError)
    }

    /// What is to be encrypted.
    var plaintext = OutboundQueue()
    /// Whether bytes may have been left inside by a pause in reading, which no event of the socket will announce.
    var mayHoldInput = false
    /// Whether the handshake is done.
    private(set) var isEstablished = false
    /// Whether the peer was told that no more will come.
    private(set) var hasSaidGoodbye = false

    private let ssl: OpaquePointer
    /// Owned by `ssl`: encrypted bytes from the peer.
    private let input: OpaquePointer
    /// Owned by `ssl`: encrypted bytes for the peer.
    private let output: OpaquePointer

    /// The side that accepted the connection.
    convenience init(server: TLSServerContext) throws(EventLoopError) {
        try self.init(server.context)
        SSL_set_accept_state(ssl)
    }

    /// The side that connected. The peer's certificate must name `host`, where the context verifies.
    convenience init(client: TLSClientContext, host: String) throws(EventLoopError) {
        try self.init(client.context)
        SSL_set_connect_state(ssl)
        let isNumeric = SocketAddress(host: host, port: 0) != nil
        if !isNumeric {
            // Server Name Indication, RFC 6066 §3: names only. OpenSSL copies it.
            var name = Array(host.utf8CString)
            SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        }
        guard client.verifiesPeer else { return }
        let isSet =
            isNumeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) : SSL_set1_host(ssl, host)
        guard isSet == 1 else { throw .openSSL(.tls, "cannot verify host \(host)") }
    }

    private init(_ context: TLSContext) throws(EventLoopError) {
        guard let ssl = context.withPointer({ SSL_new($0) }) else { throw .openSSL(.resources, "no session") }
        guard let input = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw .openSSL(.resources, "no buffer")
        }
        guard let output = BIO_new(BIO_s_mem()) else {
            BIO_free(input)
            SSL_free(ssl)
            throw .openSSL(.resources, "no buffer")
        }
        SSL_set_bio(ssl, input, output)
        self.ssl = ssl
        self.input = input
        self.output = output
    }

    deinit { SSL_free(ssl) }

    /// Takes encrypted bytes of the peer.
    func receive(_ bytes: UnsafeRawBufferPointer) -> EventLoopError? {
        let count = BIO_write(input, bytes.baseAddress, Int32(bytes.count))
        return count == bytes.count ? nil : .openSSL(.resources, "cannot buffer \(bytes.count) encrypted bytes")
    }

    /// Goes on with the handshake as far as the bytes received allow.
    func continueHandshake() -> HandshakeProgress {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            return .done
        }
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { return .failed(handshakeError()) }
        return .needsMore
    }

    /// Decrypts into `target` what the bytes received allow.
    func decrypt(into target: UnsafeMutableRawBufferPointer) -> Decrypted {
        ERR_clear_error()
        let count = SSL_read(ssl, target.baseAddress, Int32(target.count))
        if count > 0 {
            return .bytes(Int(count))
        }
        return switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ: .needsMore
        case SSL_ERROR_ZERO_RETURN: .ended
        default: .failed(.openSSL(.tls, "cannot decrypt"))
        }
    }

    /// Encrypts what waits in ``plaintext``, many writes to a record, and moves all that is for the peer to `queue`.
    func seal(into queue: inout OutboundQueue, scratch: UnsafeMutableRawBufferPointer) -> EventLoopError? {
        while isEstablished, !plaintext.isEmpty {
            let count = Int32(plaintext.move(into: scratch))
            ERR_clear_error()
            guard SSL_write(ssl, scratch.baseAddress, count) == count else { return .openSSL(.tls, "cannot encrypt") }
        }
        let pending = BIO_ctrl(output, BIO_CTRL_PENDING, 0, nil)
        guard pending > 0 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = max(0, Int(BIO_read(output, buffer.baseAddress, Int32(pending))))
        }
        queue.append(SharedBytes(bytes))
        return nil
    }

    /// Tells the peer that no more will come (close_notify, RFC 8446 §6.1); ``seal(into:scratch:)`` moves it on.
    func sayGoodbye() {
        hasSaidGoodbye = true
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    private func handshakeError() -> EventLoopError {
        let verdict = SSL_get_verify_result(ssl)
        guard verdict != X509_V_OK, let words = X509_verify_cert_error_string(verdict) else {
            return .openSSL(.tls, "handshake failed")
        }
        ERR_clear_error()
        return EventLoopError(.tls, "certificate refused: \(String(cString: words))")
    }
}
