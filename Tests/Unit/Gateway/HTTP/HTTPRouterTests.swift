import Domain
import Testing
import WireProtocols

@testable import Gateway

@Suite struct HTTPRouterTests {
    private static let router: HTTPRouter = {
        var router = HTTPRouter()
        let none: HTTPRouter.Handler = { _ in HTTPResponse(status: 204) }
        router.on(.get, "/", none)
        router.on(.get, "/users/{userId}", none)
        router.on(.get, "/users/me", none)
        router.on(.put, "/users/me", none)
        router.on(.get, "/{kind}/recommendations", none)
        router.on(.get, "/messages/{id}", none)
        router.on(.put, "/messages/{messageId}", none)
        router.on(.get, "/rooms/{roomId}/messages/{messageId}", none)
        router.onWebSocket("/ws") { _, _, _ in nil }
        return router
    }()

    /// `route parameters`, or what else there is for a request.
    private static func resolve(_ method: String, _ target: String, _ fields: String = "") throws -> String {
        let parsed = ParsedRequests("\(method) \(target) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
        let head = try #require(parsed.heads.first)
        switch router.resolve(head) {
        case .handler(_, let parameters, let route):
            return "\(route) " + parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
        case .webSocket(_, _, let route): return "websocket \(route)"
        case .upgradeRequired: return "upgrade required"
        case .options(let allowed): return "options " + allowed.map(\.rawValue).joined(separator: ",")
        case .methodNotAllowed(let allowed): return "not allowed " + allowed.map(\.rawValue).joined(separator: ",")
        case .notFound: return "not found"
        }
    }

    @Test(arguments: [
        ("GET", "/", "/ "), ("GET", "/users/7", "/users/{userId} userId=7"), ("GET", "/users/me", "/users/me "),
        ("HEAD", "/users/me?x=1", "/users/me "), ("GET", "/users/a%2Fb%20c", "/users/{userId} userId=a/b c"),
        ("GET", "/users/recommendations", "/users/{userId} userId=recommendations"),
        ("GET", "/posts/recommendations", "/{kind}/recommendations kind=posts"),
        ("GET", "/messages/1", "/messages/{id} id=1"), ("PUT", "/messages/1", "/messages/{messageId} messageId=1"),
        ("GET", "/rooms/r/messages/m", "/rooms/{roomId}/messages/{messageId} messageId=m,roomId=r"),
        ("GET", "/users", "not found"), ("GET", "/users/", "not found"), ("GET", "/users/7/", "not found"),
        ("GET", "/Users/me", "not found"), ("GET", "//users/me", "not found"),
        ("GET", "/rooms/r/messages", "not found"),
        ("DELETE", "/users/me", "not allowed GET,HEAD,PUT,OPTIONS"),
        ("PUT", "/users/7", "not allowed GET,HEAD,OPTIONS"), ("OPTIONS", "/users/me", "options GET,HEAD,PUT,OPTIONS"),
        ("OPTIONS", "*", "options GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"), ("OPTIONS", "/none", "not found"),
    ])
    func requestsFindTheirRoute(method: String, target: String, found: String) throws {
        #expect(try Self.resolve(method, target) == found)
    }

    @Test func aWebSocketIsTakenOverOnlyWhereItIsAskedFor() throws {
        #expect(try Self.resolve("GET", "/ws", "Upgrade: WebSocket\r\nConnection: x, Upgrade\r\n") == "websocket /ws")
        #expect(try Self.resolve("GET", "/ws", "Upgrade: h2c\r\nConnection: Upgrade\r\n") == "upgrade required")
        #expect(try Self.resolve("GET", "/ws", "Upgrade: websocket\r\n") == "upgrade required")
        #expect(try Self.resolve("POST", "/ws") == "not allowed GET,HEAD,OPTIONS")
        #expect(try Self.resolve("GET", "/users/me", "Upgrade: websocket\r\nConnection: Upgrade\r\n") == "/users/me ")
    }
}
