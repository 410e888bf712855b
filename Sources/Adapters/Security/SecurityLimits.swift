/// What tokens and passwords are bounded by.
public enum SecurityLimits {
    /// Shortest secret of a signing key, in bytes: HMAC-SHA256 is as strong as its key up to the hash's 32 (RFC 7518 §3.2).
    public static let minSecretBytes = 32
    /// Longest access token, in bytes. Ours have about 300; anything longer is not worth a signature's work.
    public static let maxAccessTokenBytes = 1024
    /// Longest key id, in bytes: it goes into each token's header.
    public static let maxKeyIDBytes = 64
    /// How far the clocks of two machines may be apart, in milliseconds, before a token is refused for its times.
    public static let clockLeewayMilliseconds: Int64 = 10_000
    /// How long an access token is good for, in seconds, unless configured.
    public static let accessLifetimeSeconds: Int64 = 3600
    /// How long a refresh token is good for, in seconds, unless configured: 30 days.
    public static let refreshLifetimeSeconds: Int64 = 30 * 24 * 3600
    /// Randomness of a refresh token, in bytes: beyond any guessing.
    public static let refreshTokenBytes = 32
    /// Randomness of an access token's id, in bytes: no two are alike.
    public static let tokenIDBytes = 12
    /// What bcrypt's cost may be: each step doubles the work. 4 is the least that it knows, 16 takes seconds.
    public static let bcryptCost = 4...16
}
