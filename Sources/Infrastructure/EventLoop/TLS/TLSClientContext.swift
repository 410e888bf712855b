import COpenSSL

/// Whom a client trusts in TLS. One serves all connections of all loops.
public final class TLSClientContext: Sendable {
    /// How the peer's certificate is judged.
    public enum Trust: Sendable {
        /// By the authorities that the system trusts, and it must name the host.
        case systemAuthorities
        /// By the authorities in a PEM file, and it must name the host.
        case authorities(file: String)
        /// Not at all: whoever is in between can read and change everything. For trials.
        case anything
    }

    let context: TLSContext
    let verifiesPeer: Bool

    /// Reads the authorities. May block: for start-up.
    ///
    /// - Throws: ``EventLoopError`` (`tlsConfiguration`) where they cannot be read.
    public init(trust: Trust = .systemAuthorities) throws(EventLoopError) {
        context = try TLSContext(method: TLS_client_method())
        switch trust {
        case .systemAuthorities:
            verifiesPeer = true
            guard context.withPointer({ SSL_CTX_set_default_verify_paths($0) }) == 1 else {
                throw .openSSL(.tlsConfiguration, "the system's authorities")
            }
        case .authorities(let file):
            verifiesPeer = true
            guard context.withPointer({ SSL_CTX_load_verify_locations($0, file, nil) }) == 1 else {
                throw .openSSL(.tlsConfiguration, "authorities \(file)")
            }
        case .anything:
            verifiesPeer = false
        }
        let mode = verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE
        context.withPointer { SSL_CTX_set_verify($0, mode, nil) }
    }
}
