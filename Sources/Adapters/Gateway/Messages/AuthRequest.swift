import Domain

/// The body of a SEND to `/app/auth`: `{token}`.
struct AuthRequest {
    let token: String

    /// - Throws: `Refusal` naming `token` where it is not there, `MALFORMED_REQUEST` for what is no JSON object.
    init(_ json: Span<UInt8>) throws(Refusal) {
        token = try RequestBody(json).string("token")
        guard !token.isEmpty else { throw .invalid("token", "an access token") }
    }
}
