import Application
import Bytes
import Domain
import WireProtocols

/// `/api/v1/auth`: making accounts and opening sessions; `/api/v1/users/me`.
public struct AuthRoutes: Sendable {
    private let signUp: SignUp
    private let logIn: LogIn
    private let refreshTokens: RefreshTokens
    private let users: any UserStore
    private let authenticator: Authenticator
    private let clock: @Sendable () -> Timestamp
    private let isSecure: Bool

    /// - Parameter isSecure: whether browsers are to send the cookie over TLS only.
    public init(
        signUp: SignUp, logIn: LogIn, refreshTokens: RefreshTokens, users: any UserStore,
        authenticator: Authenticator, clock: @escaping @Sendable () -> Timestamp, isSecure: Bool
    ) {
        self.signUp = signUp
        self.logIn = logIn
        self.refreshTokens = refreshTokens
        self.users = users
        self.authenticator = authenticator
        self.clock = clock
        self.isSecure = isSecure
    }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        router.on(.post, "/api/v1/auth/signup") { request async throws(Refusal) in try await signUp(request) }
        router.on(.post, "/api/v1/auth/login") { request async throws(Refusal) in try await logIn(request) }
        router.on(.post, "/api/v1/auth/refresh") { request async throws(Refusal) in try await refresh(request) }
        router.on(.get, "/api/v1/users/me") { request async throws(Refusal) in try await me(request) }
    }

    private func signUp(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let body = try RequestBody(request.body)
        let session = try await signUp.signUp(
            username: try body.string("username"), password: try body.string("password"),
            nickname: try body.string("nickname"), now: clock())
        return answer(session, status: 201)
    }

    private func logIn(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let body = try RequestBody(request.body)
        let session = try await logIn.logIn(
            username: try body.string("username"), password: try body.string("password"),
            origin: NetworkAddress(request.clientAddress)?.owner ?? request.clientAddress, now: clock())
        return answer(session, status: 200)
    }

    private func refresh(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let token = try RequestBody(request.body).string("refreshToken")
        let tokens = try await refreshTokens.refresh(token, now: clock())
        return withCookie(tokens, .success { UserJSON.write(tokens, user: nil, into: &$0) })
    }

    private func me(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let claims = try authenticator.user(of: request)
        let user: User?
        do throws(StoreError) {
            user = try await users.user(claims.userID)
        } catch {
            throw Refusal(error)
        }
        guard let user else { throw Refusal(.userNotFound, "the account has been deleted") }
        return .success { UserJSON.write(user, into: &$0) }
    }

    private func answer(_ session: LoggedIn, status: Int) -> HTTPResponse {
        withCookie(
            session.tokens, .success(status: status) { UserJSON.write(session.tokens, user: session.user, into: &$0) })
    }

    /// Lets pages that can't set headers open a WebSocket.
    private func withCookie(_ tokens: SessionTokens, _ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.add(
            "Set-Cookie",
            "\(Authenticator.cookie)=\(tokens.accessToken); Path=/; Max-Age=\(tokens.expiresIn); HttpOnly; SameSite=Lax"
                + (isSecure ? "; Secure" : ""))
        return response
    }
}
