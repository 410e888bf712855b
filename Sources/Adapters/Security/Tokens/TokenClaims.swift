import Application
import Bytes
import Domain
import WireProtocols

/// The claims of an access token as JSON (RFC 7519 §4.1). Times are in seconds since 1970.
struct TokenClaims {
    private var subject: Int64?
    private var username: Username?
    private var role: UserRole?
    private var issuedAt: Int64?
    private var expiresAt: Int64?
    private var notBefore: Int64?
    private var tokenID: String?

    /// Reads claims; nil where the text is not a JSON object or one of them is of another type than we write.
    init?(_ json: Span<UInt8>) {
        do throws(JSONError) {
            var reader = JSONReader()
            try reader.beginObject(in: json)
            while let key = try reader.nextKey(in: json) {
                try read(key, &reader, json)
            }
            try reader.finish(in: json)
        } catch {
            return nil
        }
    }

    private mutating func read(
        _ key: JSONText, _ reader: inout JSONReader, _ json: Span<UInt8>
    ) throws(JSONError) {
        if key.equals("sub", in: json) {
            let range = try reader.string(in: json).range
            subject = json.extracting(range).decimal().flatMap { Int64(exactly: $0) }
        } else if key.equals("username", in: json) {
            username = Username(try reader.string(in: json).string(in: json))
        } else if key.equals("role", in: json) {
            role = UserRole(rawValue: try reader.string(in: json).string(in: json))
        } else if key.equals("iat", in: json) {
            issuedAt = try reader.int64(in: json)
        } else if key.equals("exp", in: json) {
            expiresAt = try reader.int64(in: json)
        } else if key.equals("nbf", in: json) {
            notBefore = try reader.int64(in: json)
        } else if key.equals("jti", in: json) {
            tokenID = try reader.string(in: json).string(in: json)
        }
    }

    /// The claims, all there and good at `now`.
    func checked(now: Timestamp) throws(AccessTokenError) -> AccessClaims {
        guard let subject, subject > 0, let username, let role, let tokenID,
            let issued = TokenClaims.timestamp(issuedAt), let expires = TokenClaims.timestamp(expiresAt),
            let start = TokenClaims.timestamp(notBefore ?? issuedAt), issued < expires
        else { throw .invalid }
        let leeway = SecurityLimits.clockLeewayMilliseconds
        let earliest = Timestamp(milliseconds: now.milliseconds + leeway)
        guard issued <= earliest, start <= earliest else { throw .invalid }
        guard expires.milliseconds + leeway > now.milliseconds else { throw .expired }
        return AccessClaims(
            userID: UserID(rawValue: subject), username: username, role: role, issuedAt: issued, expiresAt: expires,
            tokenID: tokenID)
    }

    /// The moment; nil where there is none or it is beyond what a calendar holds, so that no sum of it overflows.
    private static func timestamp(_ seconds: Int64?) -> Timestamp? {
        guard let seconds, (0...253_402_300_799).contains(seconds) else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// Writes the claims of a token.
    static func write(_ claims: AccessClaims, into out: inout ByteWriter) {
        out.append("{\"sub\":\"")
        out.append(decimal: claims.userID.rawValue)
        out.append("\",\"username\":")
        out.append(jsonString: claims.username.text)
        out.append(",\"role\":")
        out.append(jsonString: claims.role.rawValue)
        out.append(",\"iat\":")
        out.append(decimal: claims.issuedAt.milliseconds / 1000)
        out.append(",\"exp\":")
        out.append(decimal: claims.expiresAt.milliseconds / 1000)
        out.append(",\"jti\":")
        out.append(jsonString: claims.tokenID)
        out.append("}")
    }
}
