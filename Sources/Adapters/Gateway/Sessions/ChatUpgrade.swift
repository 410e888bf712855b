import Application
import Domain
import EventLoop
import WireProtocols

/// `/ws/chat`: turns an HTTP connection into a STOMP session over WebSocket.
public struct ChatUpgrade: Sendable {
    private let gateway: ChatGateway
    private let authenticator: Authenticator
    private let cors: CORSPolicy

    public init(gateway: ChatGateway, authenticator: Authenticator, cors: CORSPolicy) {
        self.gateway = gateway
        self.authenticator = authenticator
        self.cors = cors
    }

    /// Adds the route.
    public func add(to router: inout HTTPRouter) {
        router.onWebSocket("/ws/chat") { request, connection, remainder in
            upgrade(request, connection, remainder)
        }
    }

    private func upgrade(_ request: HTTPRequest, _ connection: TCPConnection, _ remainder: [UInt8]) -> HTTPResponse? {
        guard let loop = gateway.current() else {
            preconditionFailure("cannot upgrade a connection off its gateway's loops")
        }
        let user: AccessClaims?
        do throws(Refusal) {
            user = try self.user(of: request)
        } catch {
            return .failure(error, traceID: request.traceID)
        }
        return loop.websockets.upgrade(request, connection, remainder, handshake: loop.handshake) { socket in
            ChatSession(context: loop, connection: socket, user: user)
        }
    }

    /// Who asks, where the handshake says so already; CONNECT may say it later. A token that is not valid is refused here.
    private func user(of request: HTTPRequest) throws(Refusal) -> AccessClaims? {
        guard request.fields["Authorization"] == nil else { return try authenticator.user(of: request) }
        guard let token = authenticator.cookieToken(of: request) else { return nil }
        // A browser sends the cookie for any page: only those of allowed origins may use it.
        if let origin = request.fields["Origin"], !cors.allows(origin: origin) {
            throw Refusal(.forbidden, "pages of this origin may not connect with a cookie")
        }
        return try authenticator.user(token: token)
    }
}
