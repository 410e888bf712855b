import Application
import Bytes
import Domain

/// Makes the tokens of sessions and says whose an access token is.
///
/// Access tokens are JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, the key named by `kid`; no other algorithm is
/// taken, whatever a header says. Refresh tokens are random bytes that only the store knows anything about.
/// Immutable: loops verify with one authority all at once.
public struct TokenAuthority: TokenIssuer, AccessTokenVerifier {
    public let accessLifetimeSeconds: Int64
    public let refreshLifetimeSeconds: Int64
    private let keys: SigningKeys
    private let random: RandomSource

    public init(
        keys: SigningKeys, accessLifetimeSeconds: Int64 = SecurityLimits.accessLifetimeSeconds,
        refreshLifetimeSeconds: Int64 = SecurityLimits.refreshLifetimeSeconds,
        random: @escaping RandomSource = SecureRandom.bytes
    ) {
        self.keys = keys
        self.accessLifetimeSeconds = accessLifetimeSeconds
        self.refreshLifetimeSeconds = refreshLifetimeSeconds
        self.random = random
    }

    public func accessToken(for user: User, now: Timestamp) -> String {
        let claims = AccessClaims(
            userID: user.id, username: user.username, role: user.role, issuedAt: now,
            expiresAt: Timestamp(milliseconds: now.milliseconds + accessLifetimeSeconds * 1000),
            tokenID: String(decoding: Base64.encodeURL(random(SecurityLimits.tokenIDBytes)), as: UTF8.self))
        var payload = ByteWriter()
        TokenClaims.write(claims, into: &payload)
        var token = ByteWriter()
        token.append(keys.signing.encodedHeader)
        token.append(ASCII.dot)
        token.append(Base64.encodeURL(payload.bytes))
        let signature = TokenAuthority.signature(of: token.bytes.span, by: keys.signing)
        token.append(ASCII.dot)
        token.append(signature)
        return String(decoding: token.bytes, as: UTF8.self)
    }

    public func refreshToken() -> RefreshToken {
        let text = Base64.encodeURL(random(SecurityLimits.refreshTokenBytes))
        return RefreshToken(text: String(decoding: text, as: UTF8.self), hash: TokenAuthority.hash(text))
    }

    public func refreshTokenHash(of text: String) -> RefreshTokenHash? {
        // Its length first: nothing long is decoded or hashed.
        guard text.utf8.count == (SecurityLimits.refreshTokenBytes * 4 + 2) / 3,
            Base64.decodeURL(text.utf8) != nil
        else { return nil }
        return TokenAuthority.hash(Array(text.utf8))
    }

    public func verify(_ token: Span<UInt8>, now: Timestamp) throws(AccessTokenError) -> AccessClaims {
        guard token.count <= SecurityLimits.maxAccessTokenBytes, let firstDot = token.firstIndex(of: ASCII.dot),
            let secondDot = token.firstIndex(of: ASCII.dot, from: firstDot + 1),
            let key = key(forHeader: token.extracting(..<firstDot))
        else { throw .invalid }
        // The signature before the claims: nothing that a stranger wrote is parsed. Compared as text, since bytes that
        // are not in canonical base 64 then never match.
        let signature = TokenAuthority.signature(of: token.extracting(..<secondDot), by: key)
        guard SHA256.areEqual(signature.span, token.extracting((secondDot + 1)...)),
            let payload = TokenAuthority.decoded(token.extracting((firstDot + 1)..<secondDot)),
            let claims = TokenClaims(payload.span)
        else { throw .invalid }
        return try claims.checked(now: now)
    }

    /// The key that an encoded header names; nil where it names none of ours or another algorithm.
    private func key(forHeader encoded: Span<UInt8>) -> SigningKeys.Key? {
        for key in keys.all where SHA256.areEqual(key.encodedHeader.span, encoded) {
            return key
        }
        guard let json = TokenAuthority.decoded(encoded), let header = TokenHeader(json.span) else { return nil }
        return keys.key(id: header.keyID)
    }

    private static func signature(of text: Span<UInt8>, by key: SigningKeys.Key) -> [UInt8] {
        Base64.encodeURL(SHA256.authenticationCode(of: text, key: key.secret))
    }

    private static func decoded(_ text: Span<UInt8>) -> [UInt8]? { Base64.decodeURL([UInt8](copying: text)) }

    private static func hash(_ text: [UInt8]) -> RefreshTokenHash { RefreshTokenHash(bytes: SHA256.digest(of: text)) }
}
