import Domain
import EventLoop
import WireProtocols

/// How an HTTP connection becomes a WebSocket.
extension WebSocketLoop {
    /// Answers a request to upgrade. Where it is accepted the connection is taken over with the bytes that came after the
    /// request, and nothing is returned; otherwise the connection is not touched and stays HTTP.
    ///
    /// - Parameter handler: makes the layer above for the connection, which is not open yet.
    public func upgrade(
        _ request: HTTPRequest, _ connection: TCPConnection, _ remainder: [UInt8], handshake: WebSocketHandshake,
        handler: (WebSocketConnection) -> any WebSocketHandler
    ) -> HTTPResponse? {
        let asked = WebSocketHandshake.Request(method: request.head.method.rawValue) { request.fields.values(of: $0) }
        switch handshake.respond(to: asked) {
        case .accept(let acceptance):
            let webSocket = WebSocketConnection(on: connection, acceptance: acceptance, shared: self)
            webSocket.open(handler: handler(webSocket))
            if !remainder.isEmpty {
                webSocket.connection(connection, received: remainder.span)
            }
            return nil
        case .refuse(let refusal):
            var response = HTTPResponse.failure(
                Refusal(.malformedRequest, refusal.message), traceID: request.traceID, status: refusal.status)
            for header in refusal.headers {
                response.add(header.name, header.value)
            }
            return response
        }
    }
}
