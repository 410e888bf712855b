/// The ways in which a peer breaks the protocol: each has the code of the Close that answers it and a reason of at
/// most 123 bytes that says what to do.
public enum WebSocketFault: Error, Equatable, Sendable {
    /// RSV2, RSV3, or RSV1 where no compressed message begins (RFC 6455 §5.2, RFC 7692 §6).
    case reservedBits
    /// Opcode 3-7 or 11-15 (RFC 6455 §5.2).
    case unknownOpcode
    /// A client's frame without a mask (RFC 6455 §5.1).
    case unmasked
    /// A server's frame with a mask (RFC 6455 §5.1).
    case masked
    /// A length that is not in its shortest form, or has its highest bit set (RFC 6455 §5.2).
    case badLength
    /// A control frame in fragments (RFC 6455 §5.5).
    case fragmentedControl
    /// A control frame with more than 125 bytes (RFC 6455 §5.5).
    case oversizedControl
    /// A continuation while no message is open (RFC 6455 §5.4).
    case unexpectedContinuation
    /// A new message before the last one's final fragment (RFC 6455 §5.4).
    case interruptedMessage
    /// A Close with one byte of payload (RFC 6455 §5.5.1).
    case truncatedCloseCode
    /// A Close with a code that must not be sent (RFC 6455 §7.4).
    case invalidCloseCode
    /// Text, or a close reason, that is not UTF-8 (RFC 6455 §8.1).
    case invalidUTF8
    /// A compressed message that does not inflate (RFC 7692 §7.2.2).
    case damagedCompression
    /// A message over `limit` bytes, counted after inflating.
    case messageTooBig(limit: Int)
    /// Nothing heard for `milliseconds`, pings included.
    case silent(milliseconds: UInt64)

    /// The code to close with.
    public var code: WebSocketCloseCode {
        switch self {
        case .invalidUTF8, .damagedCompression: .invalidPayload
        case .messageTooBig: .messageTooBig
        case .silent: .goingAway
        default: .protocolError
        }
    }

    /// The reason to close with.
    public var reason: String {
        switch self {
        case .reservedBits: "reserved bits are set: use only the extensions that were negotiated"
        case .unknownOpcode: "unknown opcode: use those of RFC 6455"
        case .unmasked: "frame without a mask: a client masks every frame"
        case .masked: "frame with a mask: a server masks no frame"
        case .badLength: "bad payload length: use the shortest of its three forms"
        case .fragmentedControl: "control frame in fragments: send it whole"
        case .oversizedControl: "control frame too long: send at most 125 bytes"
        case .unexpectedContinuation: "continuation of no message: begin one with text or binary"
        case .interruptedMessage: "new message inside another: finish the first with a continuation"
        case .truncatedCloseCode: "close code cut short: send two bytes or none"
        case .invalidCloseCode: "close code not allowed: use 1000 or one of 3000 to 4999"
        case .invalidUTF8: "not UTF-8: send text as UTF-8, other bytes as binary"
        case .damagedCompression: "message does not inflate: deflate each message by itself (RFC 7692)"
        case .messageTooBig(let limit): "message too big: send at most \(limit) bytes"
        case .silent(let milliseconds): "nothing heard for \(milliseconds / 1_000) s: answer pings; reconnect"
        }
    }

    /// Code and reason in one.
    public var closure: WebSocketClosure { WebSocketClosure(code, reason) }
}
