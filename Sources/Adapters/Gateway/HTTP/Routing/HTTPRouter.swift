import Domain
import EventLoop
import WireProtocols

/// Finds who answers a request by its method and path.
///
/// ```swift
/// var router = HTTPRouter()
/// router.on(.get, "/api/v1/chatrooms/{roomId}") { request async throws(Refusal) in … }
/// router.onWebSocket("/ws/chat") { request, connection, remainder in … }
/// ```
public struct HTTPRouter: Sendable {
    /// Answers a request. It runs off the loops; its task is cancelled where the client goes away or the time is over.
    public typealias Handler = @Sendable (HTTPRequest) async throws(Refusal) -> HTTPResponse

    /// Takes a connection over for another protocol. It runs on the connection's loop and gets the bytes that came after
    /// the request. It sets the connection's delegate and answers the request itself; or it touches nothing and
    /// returns an answer, with which the connection goes on as before.
    public typealias Upgrade = @Sendable (HTTPRequest, TCPConnection, [UInt8]) -> HTTPResponse?

    /// What there is for a request.
    enum Resolution {
        case handler(Handler, parameters: [String: String], route: String)
        case webSocket(Upgrade, parameters: [String: String], route: String)
        /// Only a WebSocket is served there.
        case upgradeRequired
        /// A request what the path allows (OPTIONS).
        case options(allowed: [HTTPMethod])
        case methodNotAllowed(allowed: [HTTPMethod])
        case notFound
    }

    private enum Action: Sendable {
        case handler(HTTPMethod, Handler)
        case webSocket(Upgrade)
    }

    private struct Route: Sendable {
        let pattern: PathPattern
        let action: Action
    }

    /// Those that are meant first where several match stand first.
    private var routes: [Route] = []

    /// A router that knows no path.
    public init() {}

    /// Has `handler` answer `method` on paths of the form `pattern`; that of GET answers HEAD as well.
    public mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        add(pattern, .handler(method, handler))
    }

    /// Has `upgrade` take over connections that ask for a WebSocket on paths of the form `pattern`.
    public mutating func onWebSocket(_ pattern: String, _ upgrade: @escaping Upgrade) {
        add(pattern, .webSocket(upgrade))
    }

    /// Finds who answers.
    func resolve(_ head: HTTPRequestHead) -> Resolution {
        guard head.target.path != "*" else { return .options(allowed: HTTPMethod.allCases) }
        let matches = matches(head.target.segments)
        guard !matches.isEmpty else { return .notFound }
        if head.method == .get, head.wantsUpgrade, Self.asksForWebSocket(head) {
            for (route, parameters) in matches {
                guard case .webSocket(let upgrade) = route.action else { continue }
                return .webSocket(upgrade, parameters: parameters, route: route.pattern.description)
            }
        }
        let method = head.method == .head ? .get : head.method
        for (route, parameters) in matches {
            guard case .handler(method, let handler) = route.action else { continue }
            return .handler(handler, parameters: parameters, route: route.pattern.description)
        }
        let allowed = Self.allowed(matches.map(\.route))
        if head.method == .options { return .options(allowed: allowed) }
        return method == .get && allowed.contains(.get) ? .upgradeRequired : .methodNotAllowed(allowed: allowed)
    }

    private mutating func add(_ pattern: String, _ action: Action) {
        let route = Route(pattern: PathPattern(pattern), action: action)
        let place = routes.firstIndex { route.pattern.precedes($0.pattern) } ?? routes.endIndex
        routes.insert(route, at: place)
    }

    /// The routes of the foremost pattern that matches. Names of parameters make no difference: one path may be
    /// `/messages/{id}` to GET and `/messages/{messageId}` to PUT.
    private func matches(_ segments: [String]) -> [(route: Route, parameters: [String: String])] {
        var found: [(route: Route, parameters: [String: String])] = []
        for route in routes {
            guard let parameters = route.pattern.match(segments) else { continue }
            if let first = found.first, first.route.pattern.shape != route.pattern.shape { break }
            found.append((route, parameters))
        }
        return found
    }

    private static func allowed(_ routes: [Route]) -> [HTTPMethod] {
        let methods = routes.map { route in
            if case .handler(let method, _) = route.action { method } else { HTTPMethod.get }
        }
        return HTTPMethod.allCases.filter { method in
            methods.contains(method) || method == .options || method == .head && methods.contains(.get)
        }
    }

    private static func asksForWebSocket(_ head: HTTPRequestHead) -> Bool {
        head.fields.list(of: "Upgrade").contains { $0.lowercased() == "websocket" }
    }
}
