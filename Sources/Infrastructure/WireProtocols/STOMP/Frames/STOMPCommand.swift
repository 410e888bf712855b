import Bytes

/// The commands of STOMP 1.0 to 1.2, with one case for all that are none of them.
///
/// An unknown command is a case and not an error of the decoder, so that the answer can name the frame's `receipt`.
public enum STOMPCommand: UInt8, Sendable, Equatable, CaseIterable {
    case connect, stomp, send, subscribe, unsubscribe, ack, nack, begin, commit, abort, disconnect
    case connected, message, receipt, error
    case unknown

    /// Reads a command line; commands are case-sensitive (STOMP 1.2 §STOMP Frames).
    init(line: Span<UInt8>) {
        // What is sent most is tried first; the length tells nearly all of them apart.
        self =
            switch line.count {
            case 3: line.equals("ACK") ? .ack : .unknown
            case 4 where line.equals("SEND"): .send
            case 4: line.equals("NACK") ? .nack : .unknown
            case 5 where line.equals("BEGIN"): .begin
            case 5 where line.equals("ABORT"): .abort
            case 5 where line.equals("STOMP"): .stomp
            case 5: line.equals("ERROR") ? .error : .unknown
            case 6: line.equals("COMMIT") ? .commit : .unknown
            case 7 where line.equals("MESSAGE"): .message
            case 7 where line.equals("RECEIPT"): .receipt
            case 7: line.equals("CONNECT") ? .connect : .unknown
            case 9 where line.equals("SUBSCRIBE"): .subscribe
            case 9: line.equals("CONNECTED") ? .connected : .unknown
            case 10: line.equals("DISCONNECT") ? .disconnect : .unknown
            case 11: line.equals("UNSUBSCRIBE") ? .unsubscribe : .unknown
            default: .unknown
            }
    }

    /// The command as it stands on the wire.
    public var name: StaticString {
        switch self {
        case .connect: "CONNECT"
        case .stomp: "STOMP"
        case .send: "SEND"
        case .subscribe: "SUBSCRIBE"
        case .unsubscribe: "UNSUBSCRIBE"
        case .ack: "ACK"
        case .nack: "NACK"
        case .begin: "BEGIN"
        case .commit: "COMMIT"
        case .abort: "ABORT"
        case .disconnect: "DISCONNECT"
        case .connected: "CONNECTED"
        case .message: "MESSAGE"
        case .receipt: "RECEIPT"
        case .error: "ERROR"
        case .unknown: "UNKNOWN"
        }
    }

    /// Whether the frame may have a body (STOMP 1.2 §Body). Of an unknown command nothing is known.
    var allowsBody: Bool {
        switch self {
        case .send, .message, .error, .unknown: true
        default: false
        }
    }

    /// Whether headers are left as they are in every version: those that are read before the version is agreed
    /// (STOMP 1.2 §Value Encoding).
    var neverEscapesHeaders: Bool { self == .connect || self == .stomp || self == .connected }

    /// Whether only a server sends it.
    var isOfServer: Bool {
        switch self {
        case .connected, .message, .receipt, .error: true
        default: false
        }
    }
}
