import Application
import Bytes
import Domain
import WireProtocols

/// Finds who asks: the bearer of the access token in `Authorization: Bearer`, or in the `access_token` cookie.
public struct Authenticator: Sendable {
    private let tokens: any AccessTokenVerifier
    private let clock: @Sendable () -> Timestamp

    /// The cookie that carries an access token where a page can't set headers.
    public static let cookie = "access_token"

    /// Checks tokens with `tokens` against the time of `clock`.
    public init(tokens: any AccessTokenVerifier, clock: @escaping @Sendable () -> Timestamp) {
        self.tokens = tokens
        self.clock = clock
    }

    /// Who asks.
    /// - Throws: `Refusal` `UNAUTHENTICATED` where there is no token, or none that is valid.
    public func user(of request: HTTPRequest) throws(Refusal) -> AccessClaims {
        if let header = request.fields["Authorization"] { return try user(authorization: header) }
        guard let token = cookieToken(of: request) else { throw Authenticator.missing }
        return try user(token: token)
    }

    /// Who bears the token in the value of an `Authorization` header.
    /// - Throws: `Refusal` `UNAUTHENTICATED`, for another scheme as well.
    public func user(authorization header: String) throws(Refusal) -> AccessClaims {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Authenticator.missing }
        return try user(token: String(parts[1]))
    }

    /// Who bears this access token.
    /// - Throws: `Refusal` `UNAUTHENTICATED`.
    public func user(token: String) throws(Refusal) -> AccessClaims {
        do throws(AccessTokenError) {
            let bytes = Array(token.utf8)
            return try tokens.verify(bytes.span, now: clock())
        } catch {
            switch error {
            case .invalid: throw Refusal(.unauthenticated, "the access token is not valid; log in again")
            case .expired: throw Refusal(.unauthenticated, "the access token has expired; refresh it")
            }
        }
    }

    /// The token in the request's cookie, nil where there is none.
    func cookieToken(of request: HTTPRequest) -> String? {
        for cookies in request.fields.values(of: "Cookie") {
            for cookie in cookies.split(separator: ";") {
                let pair = cookie.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0].trimmingPrefix(while: \.isWhitespace) == Self.cookie {
                    return String(pair[1])
                }
            }
        }
        return nil
    }

    private static let missing = Refusal(.unauthenticated, "send an access token as Authorization: Bearer <token>")
}
