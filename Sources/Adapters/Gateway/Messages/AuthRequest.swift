import Bytes
import Domain
import WireProtocols

/// The body of a SEND to `/app/auth`: `{token}`.
struct AuthRequest {
    let token: String

    /// - Throws: `Refusal` naming `token` where it is not there.
    init(_ json: Span<UInt8>) throws(Refusal) {
        guard let token = (try? JSONValue(parsing: json))?["token"]?.string, !token.isEmpty else {
            throw .invalid("token", "an access token")
        }
        self.token = token
    }
}
