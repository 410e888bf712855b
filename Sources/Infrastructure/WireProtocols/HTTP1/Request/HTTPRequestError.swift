/// Why a request cannot be served at the level of HTTP. After any of these the place of the next request on the
/// connection is not known for sure, so that it is answered and then closed.
public enum HTTPRequestError: Error, Equatable, Sendable {
    /// The request line is not one (RFC 9112 §3).
    case malformedRequestLine
    /// A field line is not one: no colon, a space before it, a name that is no token (RFC 9112 §5).
    case malformedField
    /// A control character stands in the head (RFC 9110 §5.5).
    case controlCharacter
    /// A line does not end in CR LF, or a CR stands alone (RFC 9112 §2.2).
    case malformedLineEnd
    /// A field goes on in a further line (RFC 9112 §5.2).
    case foldedField
    /// The target is in no form that is served, or badly percent-encoded (RFC 9112 §3.2, RFC 3986 §2.1).
    case malformedTarget
    /// HTTP/1.1 without exactly one Host, or more than one (RFC 9112 §3.2).
    case badHost
    /// Several or malformed lengths, a length beside a transfer coding, or a transfer coding in HTTP/1.0: where the
    /// body ends is a matter of opinion (RFC 9112 §6.3).
    case ambiguousLength
    /// A chunked body is not well formed (RFC 9112 §7.1).
    case malformedChunk
    /// The body is over its limit.
    case bodyTooLarge
    /// The target is over its limit.
    case targetTooLong
    /// The head, or the number of its fields, is over its limit.
    case headTooLarge
    /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
    case unknownExpectation
    /// A method that nothing here answers (RFC 9110 §9.1).
    case unknownMethod
    /// A transfer coding other than `chunked` (RFC 9112 §6.1).
    case unknownTransferCoding
    /// A version other than 1.0 and 1.1.
    case unknownVersion

    /// The status that it is answered with.
    public var status: Int {
        switch self {
        case .malformedRequestLine, .malformedField, .controlCharacter, .malformedLineEnd, .foldedField,
            .malformedTarget, .badHost, .ambiguousLength, .malformedChunk:
            400
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unknownExpectation: 417
        case .headTooLarge: 431
        case .unknownMethod, .unknownTransferCoding: 501
        case .unknownVersion: 505
        }
    }

    /// What is wrong, for the person whose client sent it.
    public var message: String {
        switch self {
        case .malformedRequestLine: "the request line is malformed"
        case .malformedField: "a header field is malformed"
        case .controlCharacter: "the request head has a control character"
        case .malformedLineEnd: "a line of the request head does not end in CR LF"
        case .foldedField: "a header field goes on in a further line"
        case .malformedTarget: "the request target is malformed"
        case .badHost: "the request needs exactly one Host field"
        case .ambiguousLength: "the length of the body is not stated once and clearly"
        case .malformedChunk: "the chunked body is malformed"
        case .bodyTooLarge: "the body is too large"
        case .targetTooLong: "the request target is too long"
        case .headTooLarge: "the request head is too large"
        case .unknownExpectation: "the only expectation that can be met is 100-continue"
        case .unknownMethod: "no resource here knows the request method"
        case .unknownTransferCoding: "the only transfer coding that is understood is chunked"
        case .unknownVersion: "the only versions that are understood are HTTP/1.0 and HTTP/1.1"
        }
    }
}
