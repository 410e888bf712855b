import COpenSSL

/// The owner of an OpenSSL context.
///
/// It is safe to share: it is set up before it is shared, and making sessions of it, all that is done afterwards, is
/// what OpenSSL allows from several threads.
final class TLSContext: @unchecked Sendable {
    /// `SSL_OP_NO_RENEGOTIATION`, a macro that Swift does not see.
    private static let noRenegotiation: UInt64 = 1 << 30

    private let raw: OpaquePointer

    /// A context for TLS 1.2 and later (RFC 8996 has retired what is older).
    init(method: OpaquePointer?) throws(EventLoopError) {
        guard let raw = SSL_CTX_new(method) else { throw .openSSL(.tlsConfiguration, "no context") }
        self.raw = raw
        SSL_CTX_ctrl(raw, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        // An idle connection is not to hold the buffers of its last record, nor the context a session of each client.
        SSL_CTX_ctrl(raw, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
        SSL_CTX_ctrl(raw, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        SSL_CTX_set_options(raw, Self.noRenegotiation)
    }

    deinit { SSL_CTX_free(raw) }

    /// Lends the context to a call of OpenSSL.
    func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(raw) }
}
