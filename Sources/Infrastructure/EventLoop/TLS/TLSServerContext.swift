import COpenSSL

/// What a server shows of itself in TLS: its certificate and the key to it. One serves all connections of all loops.
public final class TLSServerContext: Sendable {
    let context: TLSContext

    /// Reads a certificate, with its chain, and its key from PEM files. May block: for start-up.
    ///
    /// - Throws: ``EventLoopError`` (`tlsConfiguration`) where a file cannot be read or the two do not belong together.
    public init(certificateFile: String, keyFile: String) throws(EventLoopError) {
        let context = try TLSContext(method: TLS_server_method())
        guard context.withPointer({ SSL_CTX_use_certificate_chain_file($0, certificateFile) }) == 1 else {
            throw .openSSL(.tlsConfiguration, "certificate \(certificateFile)")
        }
        guard context.withPointer({ SSL_CTX_use_PrivateKey_file($0, keyFile, SSL_FILETYPE_PEM) }) == 1 else {
            throw .openSSL(.tlsConfiguration, "key \(keyFile)")
        }
        guard context.withPointer({ SSL_CTX_check_private_key($0) }) == 1 else {
            throw .openSSL(.tlsConfiguration, "key \(keyFile) is not that of certificate \(certificateFile)")
        }
        self.context = context
    }
}
