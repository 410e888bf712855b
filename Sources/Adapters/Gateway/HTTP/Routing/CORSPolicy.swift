import WireProtocols

/// Which pages of other origins a browser may let use the API (Fetch standard, "CORS protocol").
public struct CORSPolicy: Sendable {
    private let allowsAny: Bool
    private let origins: Set<String>

    /// Allows the origins named, such as `https://chat.example.com`. `*` is any origin; since that must not go with
    /// cookies, those of a page are then not accepted.
    public init(allowedOrigins: [String]) {
        allowsAny = allowedOrigins.contains("*")
        origins = Set(allowedOrigins.map { $0.lowercased() })
    }

    /// Whether pages of `origin` are allowed. A handshake by cookie asks this as well.
    public func allows(origin: String) -> Bool { allowsAny || origins.contains(origin.lowercased()) }

    /// Adds to an answer what the browser needs to know.
    func apply(to response: inout HTTPResponse, for head: HTTPRequestHead) {
        guard !allowsAny else {
            if head.fields["Origin"] != nil {
                response.add("Access-Control-Allow-Origin", "*")
            }
            return
        }
        // The answer depends on the origin, also where there is none: a cache must not give it to another.
        response.add("Vary", "Origin")
        guard let origin = head.fields["Origin"], allows(origin: origin) else { return }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Allow-Credentials", "true")
    }

    /// Adds to the answer of a preflight what the path allows.
    func applyPreflight(to response: inout HTTPResponse, for head: HTTPRequestHead, methods: String) {
        guard let origin = head.fields["Origin"], allows(origin: origin),
            head.fields["Access-Control-Request-Method"] != nil
        else { return }
        response.add("Access-Control-Allow-Methods", methods)
        response.add("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, traceparent")
        response.add("Access-Control-Max-Age", "\(HTTPServerLimits.preflightSeconds)")
    }
}
