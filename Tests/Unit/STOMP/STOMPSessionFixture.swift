import Testing

@testable import WireProtocols

let stompIdentity = STOMPIdentity(session: "s1", server: "Shoot/1.0", userName: "ada")

/// A session that has been let in.
func connectedSession(
    _ version: String = "1.2", limits: STOMPLimits = STOMPLimits(), heartBeat: String = "0,0", now: UInt64 = 0
) -> STOMPSession {
    var session = STOMPSession(limits: limits, now: now)
    _ = session.receive(
        stompFrame("CONNECT\naccept-version:\(version)\nheart-beat:\(heartBeat)\n\n"), now: now)
    _ = session.authenticated(as: stompIdentity, now: now)
    precondition(session.phase == .connected, "cannot test a session that is \(session.phase)")
    return session
}

extension STOMPSession {
    /// Takes a frame written as text, without its NUL.
    mutating func receive(_ text: String, now: UInt64 = 0) -> STOMPAction {
        receive(stompFrame(text, version: version), now: now)
    }

    /// Subscribes and reports that it is done.
    mutating func subscribed(_ id: String, ack: String = "auto") throws -> STOMPSubscription {
        guard case .subscribe(let request) = receive("SUBSCRIBE\nid:\(id)\ndestination:/t\nack:\(ack)\n\n") else {
            throw UnexpectedAction()
        }
        _ = completed(receipt: nil)
        return request
    }
}

struct UnexpectedAction: Error {}

extension STOMPAction {
    /// The frames that are written, before a close or without one.
    var written: [STOMPFrame] {
        switch self {
        case .write(let bytes), .writeAndClose(let bytes, _): stompFrames(in: bytes)
        default: []
        }
    }

    /// The receipts that are written.
    var receipts: [String] { written.filter { $0.command == .receipt }.compactMap { $0.text(of: "receipt-id") } }

    /// The `message` of an ERROR that a close follows, if it is one.
    var fault: String? {
        guard case .writeAndClose = self, written.last?.command == .error else { return nil }
        return written.last?.text(of: "message")
    }

    /// The code of the close, if it is one.
    var closeCode: UInt16? {
        guard case .writeAndClose(_, let close) = self else { return nil }
        return close.code.rawValue
    }
}
