import Application
import Bytes
import Domain
import WireProtocols

/// `/api/v1/chatrooms/{roomId}/messages`: reading back what was said.
public struct MessageRoutes: Sendable {
    private let history: History
    private let authenticator: Authenticator

    public init(history: History, authenticator: Authenticator) {
        self.history = history
        self.authenticator = authenticator
    }

    /// Adds the routes.
    public func add(to router: inout HTTPRouter) {
        router.on(.get, "/api/v1/chatrooms/{roomId}/messages") { request async throws(Refusal) in
            try await page(request)
        }
    }

    private func page(_ request: HTTPRequest) async throws(Refusal) -> HTTPResponse {
        let user = try authenticator.user(of: request).userID
        let (before, after) = (try request.seq("before"), try request.seq("after"))
        guard before == nil || after == nil else { throw .invalid("after", "not together with before") }
        let page = try await history.page(
            of: try request.roomID(), for: user, after.map { .after($0) } ?? .before(before),
            limit: try request.limit())
        return .success { out in
            PageJSON.write(page, numericCursor: true, into: &out) { MessageJSON.write($0, into: &$1) }
        }
    }
}
