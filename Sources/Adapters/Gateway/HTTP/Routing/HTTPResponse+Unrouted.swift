import Domain
import WireProtocols

extension HTTPResponse {
    /// The answer to a request that has no handler.
    static func unrouted(
        _ resolution: HTTPRouter.Resolution, _ head: HTTPRequestHead, _ cors: CORSPolicy, traceID: TraceID
    ) -> HTTPResponse {
        switch resolution {
        case .options(let allowed):
            var response = HTTPResponse(status: 204)
            let methods = list(allowed)
            response.add("Allow", methods)
            cors.applyPreflight(to: &response, for: head, methods: methods)
            return response
        case .methodNotAllowed(let allowed):
            let methods = list(allowed)
            var response = failure(
                Refusal(.methodNotAllowed, "\(head.method.rawValue) is not among \(methods)"), traceID: traceID)
            response.add("Allow", methods)
            return response
        case .upgradeRequired:
            var response = failure(
                Refusal(.malformedRequest, "this path serves WebSocket only"), traceID: traceID, status: 426)
            response.add("Upgrade", "websocket")
            return response
        case .notFound, .handler, .webSocket:
            return failure(Refusal(.notFound, "there is no such path"), traceID: traceID)
        }
    }

    private static func list(_ methods: [HTTPMethod]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
