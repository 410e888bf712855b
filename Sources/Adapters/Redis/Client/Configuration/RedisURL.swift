import Bytes
import EventLoop

extension RedisConfiguration {
    /// Reads `redis://[[user]:password@]host[:port][/database]`; `rediss` asks for TLS. User and password may be
    /// percent-encoded; the port is 6379 and the database 0 where they are left out.
    ///
    /// Where TLS is asked for, `trust` is read from disk: for start-up.
    ///
    /// - Throws: `RedisError` (`badURL`) that says which part is wrong, without repeating the password; or `tls` where
    ///   the authorities cannot be read.
    public init(url: String, trust: TLSClientContext.Trust = .systemAuthorities) throws(RedisError) {
        let (scheme, rest) = try Self.splitScheme(url)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw RedisError(.badURL, "a Redis URL has neither a query nor a fragment")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let at = authority.lastIndex(of: "@")
        self.init(endpoint: try Self.endpoint(at.map { authority[authority.index(after: $0)...] } ?? authority))
        if let at {
            (username, password) = try Self.credentials(authority[..<at])
        }
        database = try Self.database(rest[slash...].dropFirst())
        if scheme == "rediss" {
            tls = try Self.context(trust)
        }
    }

    private static func splitScheme(_ url: String) throws(RedisError) -> (scheme: String, rest: Substring) {
        for scheme in ["redis", "rediss"] where url.lowercased().hasPrefix("\(scheme)://") {
            return (scheme, url.dropFirst(scheme.count + 3))
        }
        throw RedisError(.badURL, "a Redis URL begins with redis:// or rediss://")
    }

    private static func endpoint(_ text: Substring) throws(RedisError) -> HostPort {
        let hasPort = text.last != "]" && text.contains(":")
        guard let endpoint = HostPort(hasPort ? String(text) : "\(text):6379"), endpoint.port != 0 else {
            throw RedisError(.badURL, "'\(text)' is not a host with a port")
        }
        return endpoint
    }

    private static func credentials(_ text: Substring) throws(RedisError) -> (String?, String?) {
        // A lone word before the `@` is a password to some tools and a user to others: asking is better than guessing.
        guard let colon = text.firstIndex(of: ":") else {
            throw RedisError(.badURL, "credentials are written user:password@ or :password@")
        }
        guard let username = percentDecoded(text[..<colon]),
            let password = percentDecoded(text[text.index(after: colon)...])
        else {
            throw RedisError(.badURL, "the user or the password is not well percent-encoded")
        }
        guard !password.isEmpty else {
            throw RedisError(.badURL, "the password is empty")
        }
        return (username.isEmpty ? nil : username, password)
    }

    private static func database(_ text: Substring) throws(RedisError) -> UInt32 {
        guard !text.isEmpty else { return 0 }
        guard text.utf8.allSatisfy(ASCII.isDigit), let database = UInt32(text) else {
            throw RedisError(.badURL, "'\(text)' is not the number of a database")
        }
        return database
    }

    private static func context(_ trust: TLSClientContext.Trust) throws(RedisError) -> TLSClientContext {
        do throws(EventLoopError) {
            return try TLSClientContext(trust: trust)
        } catch {
            throw RedisError(.tls, error.cause)
        }
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(ASCII.hexValue), let low = rest.popFirst().flatMap(ASCII.hexValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
