import Domain

/// Exchanges a refresh token for a new pair of tokens. Each is good for one use.
public struct RefreshTokens: Sendable {
    private let sessions: any RefreshTokenStore
    private let issuer: any TokenIssuer

    public init(sessions: any RefreshTokenStore, issuer: any TokenIssuer) {
        self.sessions = sessions
        self.issuer = issuer
    }

    /// Uses up the token and gives out its successor.
    ///
    /// - Throws: `Refusal` with `INVALID_TOKEN` (unknown, expired, session ended), `TOKEN_REUSED` (used before: the
    ///   session is ended for whoever holds a token of it), `STORE_UNAVAILABLE` or `INTERNAL_ERROR`.
    public func refresh(_ token: String, now: Timestamp) async throws(Refusal) -> SessionTokens {
        guard let presented = issuer.refreshTokenHash(of: token) else { throw RefreshTokens.invalid }
        let successor = issuer.refreshToken()
        let outcome: RotationOutcome
        do {
            outcome = try await sessions.rotate(presented, to: issuer.record(of: successor, now: now))
        } catch {
            throw Refusal(error)
        }
        switch outcome {
        case .rotated(let user):
            return issuer.session(for: user, refreshToken: successor, now: now)
        case .unknown, .expired:
            throw RefreshTokens.invalid
        case .reused:
            throw Refusal(.tokenReused, "This token was used before, so its session has been ended: log in again.")
        }
    }

    private static let invalid = Refusal(.invalidToken, "This token is not valid (any more): log in again.")
}
