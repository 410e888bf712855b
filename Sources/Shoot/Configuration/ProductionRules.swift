import Redis
import Security

/// What the profile `prod` refuses: settings with which Shoot would run, and be open to everybody.
enum ProductionRules {
    static func check(_ configuration: Configuration) throws(ConfigurationError) {
        if case .list(let entries)? = ConfigurationKey.jwtKeys.defaultValue(in: .local),
            let known = try? SigningKeys(entries), configuration.auth.signingKeys.sharesSecret(with: known)
        {
            throw ConfigurationError(
                subject: ConfigurationKey.jwtKeys.title, rule: "must not be the development key in the profile prod")
        }
        if configuration.http.corsAllowedOrigins.contains("*") {
            throw ConfigurationError(
                subject: ConfigurationKey.httpCORSAllowedOrigins.title,
                rule: "must name its origins in the profile prod, not \"*\"")
        }
        try requirePassword(configuration.stores.redisURL, .redisURL)
        try requirePassword(configuration.stores.mongoURL, .mongoURL)
        try requirePassword(configuration.stores.postgresURL, .postgresURL)
    }

    /// Refuses a Redis that drops keys when memory is short: accepted messages would vanish.
    static func check(_ redis: RedisServerFacts) throws(ConfigurationError) {
        for case .evicts(let policy) in redis.shortcomings(durable: false) {
            throw ConfigurationError(
                subject: ConfigurationKey.redisURL.title,
                rule: "must name a server with maxmemory-policy noeviction in the profile prod; it has \(policy)")
        }
    }

    private static func requirePassword(_ url: String, _ key: ConfigurationKey) throws(ConfigurationError) {
        guard !hasPassword(url) else { return }
        throw ConfigurationError(subject: key.title, rule: "must hold a password in the profile prod")
    }

    /// Whether the authority of a URL begins `user:password@` (RFC 3986 §3.2.1).
    static func hasPassword(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let end = authority.lastIndex(of: "@") else { return false }
        let user = authority[..<end]
        guard let colon = user.firstIndex(of: ":") else { return false }
        return user.index(after: colon) < user.endIndex
    }
}
