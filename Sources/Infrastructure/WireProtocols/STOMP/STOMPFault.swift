/// What a client did against the protocol: the catalogue of ERROR frames that the codec and the session write.
///
/// No `message` contains a colon, a backslash or a line break: some clients undo escapes wrongly, so the headers that
/// we write need none.
public enum STOMPFault: Sendable, Equatable {
    /// The frame is larger than one may be.
    case frameTooLarge(maxBytes: Int)
    /// A header line is longer than one may be.
    case headerLineTooLong(maxBytes: Int)
    /// The frame has more headers than one may have.
    case tooManyHeaders(max: Int)
    /// The first line is too long for any command.
    case commandTooLong
    /// A header line has no colon, or nothing before it.
    case malformedHeader
    /// The frame ends before the blank line that ends its headers.
    case nulInHeaders
    /// A backslash is followed by what the version does not define.
    case undefinedEscape
    /// `content-length` is no number.
    case invalidContentLength
    /// No NUL stands where `content-length` says that the body ends.
    case missingNUL
    /// A frame other than SEND has a body.
    case bodyNotAllowed
    /// No such command in this version.
    case unknownCommand
    /// A command that only servers send.
    case serverCommand
    /// A frame before CONNECT.
    case notConnected
    /// A second CONNECT.
    case alreadyConnected
    /// No version in common.
    case unsupportedVersion
    /// A header that the frame cannot do without is missing.
    case missingHeader(String)
    /// A header has a value that it cannot have.
    case invalidHeader(String)
    /// An id chosen by the client is longer than one may be.
    case idTooLong(maxBytes: Int)
    /// Too much was sent between CONNECT and CONNECTED.
    case tooManyHeldFrames(max: Int)
    /// SUBSCRIBE with an id that is in use.
    case duplicateSubscription
    /// UNSUBSCRIBE or ACK for a subscription that does not exist.
    case unknownSubscription
    /// More subscriptions than one session may have.
    case tooManySubscriptions(max: Int)
    /// ACK or NACK for what was never delivered.
    case unknownAcknowledgement
    /// BEGIN with an id that is in use.
    case duplicateTransaction
    /// A transaction that was not begun, or has ended.
    case unknownTransaction
    /// More open transactions than one session may have.
    case tooManyTransactions(max: Int)
    /// More in transactions than the session keeps.
    case transactionTooLarge(maxFrames: Int, maxBytes: Int)
    /// No CONNECT in time.
    case connectTimeout
    /// The credentials could not be checked in time.
    case authenticationTimeout
    /// Silence for three heart-beats.
    case heartBeatMissed

    /// The `message` header: what is wrong, in a few words.
    public var message: String { text.message }

    /// The body: what to do about it.
    public var explanation: String { text.explanation }

    /// The WebSocket close that follows the ERROR (RFC 6455 §7.4.1).
    public var close: STOMPClose {
        switch self {
        case .authenticationTimeout: STOMPClose(code: .tryAgainLater, reason: "busy, connect again later")
        default: STOMPClose(code: .protocolError, reason: message)
        }
    }

    private var text: (message: String, explanation: String) {
        frameText ?? connectText ?? sessionText
    }

    private var frameText: (message: String, explanation: String)? {
        switch self {
        case .frameTooLarge(let maxBytes):
            ("frame too large", "A frame, headers and body together, may have at most \(maxBytes) bytes.")
        case .headerLineTooLong(let maxBytes):
            ("header too long", "A header line may have at most \(maxBytes) bytes.")
        case .tooManyHeaders(let max):
            ("too many headers", "A frame may have at most \(max) headers.")
        case .commandTooLong:
            ("unknown command", "The first line of a frame is its command, such as SEND; this one is too long for any.")
        case .malformedHeader:
            ("malformed header", "A header is a line of the form name:value, and its name is not empty.")
        case .nulInHeaders:
            ("malformed frame", "The frame ended within its headers. A blank line ends them, then comes the body.")
        case .undefinedEscape:
            (
                "undefined escape in a header",
                "Write \\n, \\c and \\\\ in headers (and, in STOMP 1.2, \\r); nothing else."
            )
        case .invalidContentLength:
            ("invalid content-length", "content-length is the number of bytes of the body, in decimal digits only.")
        case .missingNUL:
            (
                "malformed frame",
                "After content-length bytes of body comes a NUL. The length counts bytes, not characters."
            )
        case .bodyNotAllowed:
            ("body not allowed", "Only SEND may have a body. A blank line and a NUL end any other frame.")
        default: nil
        }
    }

    private var connectText: (message: String, explanation: String)? {
        switch self {
        case .unknownCommand:
            ("unknown command", "This command does not exist in the version of STOMP that was agreed on.")
        case .serverCommand:
            ("command of a server", "CONNECTED, MESSAGE, RECEIPT and ERROR are sent by the server only.")
        case .notConnected:
            ("not connected", "The first frame is CONNECT (or STOMP).")
        case .alreadyConnected:
            ("already connected", "CONNECT is sent once. Open another connection for another session.")
        case .unsupportedVersion:
            ("unsupported version", "Supported versions are 1.0, 1.1 and 1.2. Name one of them in accept-version.")
        case .tooManyHeldFrames(let max):
            ("too early", "Wait for CONNECTED. At most \(max) frames may be sent before it arrives.")
        case .connectTimeout:
            ("no CONNECT in time", "Send CONNECT right after the connection has opened.")
        case .authenticationTimeout:
            ("authentication took too long", "The credentials could not be checked in time. Connect again later.")
        case .heartBeatMissed:
            ("heart-beat missed", "Nothing was heard for three times the agreed heart-beat. Connect again.")
        default: nil
        }
    }

    private var sessionText: (message: String, explanation: String) {
        switch self {
        case .missingHeader(let name):
            ("missing header \(name)", "This frame needs the header \(name).")
        case .invalidHeader(let name):
            ("invalid header \(name)", "The header \(name) has a value that is not allowed in this frame.")
        case .idTooLong(let maxBytes):
            ("id too long", "Ids of subscriptions and transactions may have at most \(maxBytes) bytes.")
        case .duplicateSubscription:
            ("duplicate subscription id", "Each SUBSCRIBE of a connection has an id of its own.")
        case .unknownSubscription:
            ("unknown subscription", "No subscription of this connection has that id.")
        case .tooManySubscriptions(let max):
            ("too many subscriptions", "A connection may have at most \(max) subscriptions.")
        case .unknownAcknowledgement:
            ("unknown acknowledgement", "Acknowledge with the ack header of a MESSAGE that this connection was sent.")
        case .duplicateTransaction:
            ("duplicate transaction", "A transaction with that name is open already.")
        case .unknownTransaction:
            ("unknown transaction", "BEGIN comes first; COMMIT and ABORT end a transaction.")
        case .tooManyTransactions(let max):
            ("too many transactions", "A connection may have at most \(max) open transactions.")
        case .transactionTooLarge(let maxFrames, let maxBytes):
            (
                "transaction too large",
                "At most \(maxFrames) frames a transaction, and \(maxBytes) bytes in all of them."
            )
        default: preconditionFailure("cannot describe \(self) when no group of texts has it")
        }
    }
}

/// A fault with the `receipt` of the frame that had it, where that was seen.
public struct STOMPError: Error, Sendable, Equatable {
    /// What was wrong.
    public let fault: STOMPFault
    /// The `receipt` header of the frame, for the ERROR's `receipt-id`.
    public let receipt: [UInt8]?

    /// A fault of a frame that asked for `receipt`.
    public init(_ fault: STOMPFault, receipt: [UInt8]? = nil) {
        self.fault = fault
        self.receipt = receipt
    }
}

/// How the WebSocket below is to be closed.
public struct STOMPClose: Sendable, Equatable {
    public let code: WebSocketCloseCode
    /// What to do, in under 123 bytes of UTF-8.
    public let reason: String

    /// A close with a code and a reason.
    public init(code: WebSocketCloseCode, reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The session ended as the client asked.
    public static let normal = STOMPClose(code: .normal, reason: "disconnected")
}
