import Bytes
import Domain
import EventLoop
import Gateway
import Support
import WireProtocols

/// A server on loops of its own, for the length of `body`.
func withHTTPServer(
    loops count: Int = 1, configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    completed: @escaping @Sendable (HTTPExchange) -> Void = { _ in }, _ body: (HTTPServer) async throws -> Void
) async throws {
    var configuration = HTTPServer.Configuration(address: .loopback(port: 0), router: echoRouter())
    configure(&configuration)
    let loops = try (0..<count).map { try EventLoop.start(name: "http-\($0)") }
    let outcome: Result<Void, any Error>
    do {
        let server = try await HTTPServer.start(on: loops, configuration: configuration, completed: completed)
        outcome = .success(try await body(server))
    } catch {
        outcome = .failure(error)
    }
    for loop in loops {
        await loop.stop()
    }
    try outcome.get()
}

/// Routes that tell what they were asked.
func echoRouter() -> HTTPRouter {
    var router = HTTPRouter()
    router.on(.get, "/echo/{text}") { request in
        .success { $0.append(jsonString: request.parameters["text"] ?? "") }
    }
    router.on(.post, "/body") { request in
        HTTPResponse(status: 200, contentType: "text/plain", body: request.body)
    }
    router.on(.get, "/client") { request in
        HTTPResponse(status: 200, contentType: "text/plain", body: Array(request.clientAddress.utf8))
    }
    router.on(.get, "/large/{mark}") { request in
        let mark = Array((request.parameters["mark"] ?? "").utf8)
        return HTTPResponse(status: 200, body: mark + [UInt8](repeating: ASCII.dot, count: 100_000))
    }
    router.on(.get, "/refused") { _ throws(Refusal) in throw Refusal(.forbidden, "not you") }
    return router
}

/// A delegate that sends back what it gets, in brackets.
final class BracketEcho: TCPConnectionDelegate {
    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        connection.write([UInt8(ascii: "[")] + Array(copying: bytes) + [UInt8(ascii: "]")])
    }

    func connectionDrained(_ connection: TCPConnection) {}

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {}
}
