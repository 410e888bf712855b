import Bytes

/// The server's side of one STOMP session: a state machine without I/O.
///
/// Frames, results and the time go in, `STOMPAction`s come out and the connection performs them in order.
///
///     awaitingConnect --CONNECT--> authenticating --authenticated--> connected --DISCONNECT--> disconnecting --> closed
///
/// Any fault ends in `closed` with an ERROR frame (STOMP 1.2 §ERROR). Deliveries to subscriptions in `auto` mode do not
/// come by here: fanning out to thousands touches no session. An idle session holds a few empty arrays.
public struct STOMPSession: Sendable {
    /// How far the session has come.
    public enum Phase: Sendable, Equatable {
        case awaitingConnect, authenticating, connected, disconnecting, closed
    }

    struct Subscription {
        let handle: STOMPSubscriptionHandle
        let ackMode: STOMPAckMode
        let id: [UInt8]
        var window: STOMPAckWindow?
        /// The server ended it: only its id is kept, because the client's UNSUBSCRIBE may be on its way.
        var isEnded = false
    }

    let limits: STOMPLimits
    /// How far the session has come.
    public internal(set) var phase = Phase.awaitingConnect
    /// The version agreed on; set the decoder's to it after each frame. 1.0 before CONNECT.
    public internal(set) var version = STOMPVersion.v10
    /// What was agreed on heart-beats, seen from here.
    public internal(set) var heartBeat = STOMPHeartBeat.off
    var lastSubscription: UInt32 = 0
    /// Work given out and not yet answered. Read no more from a client that has too much of it.
    public internal(set) var outstanding = 0
    var subscriptions = STOMPSubscriptions()
    var transactions: [STOMPTransaction] = []
    /// Frames that came between CONNECT and CONNECTED.
    var heldFrames: [STOMPFrame] = []
    var disconnectReceipt: [UInt8]?
    /// When the step under way (CONNECT, authentication, DISCONNECT) must be over.
    var deadline: UInt64
    var lastHeard: UInt64
    var lastPing: UInt64

    /// A session whose WebSocket opened at `now` (milliseconds, as everywhere here).
    public init(limits: STOMPLimits, now: UInt64) {
        self.limits = limits
        deadline = now + limits.stepMilliseconds
        lastHeard = now
        lastPing = now
    }

    /// The number of live subscriptions.
    public var subscriptionCount: Int { subscriptions.entries.count { !$0.isEnded } }

    /// Takes a frame that the decoder has found.
    public mutating func receive(_ frame: STOMPFrame, now: UInt64) -> STOMPAction {
        lastHeard = now
        do throws(STOMPError) {
            switch phase {
            case .awaitingConnect: return try connect(frame, now: now)
            case .authenticating: return try hold(frame)
            case .connected: return try dispatch(frame, now: now)
            case .disconnecting, .closed: return .none
            }
        } catch {
            return fail(error)
        }
    }

    /// Takes the first of the frames that came before CONNECTED. Call it after `authenticated` until it answers nil.
    public mutating func receiveHeld(now: UInt64) -> STOMPAction? {
        guard phase == .connected, !heldFrames.isEmpty else {
            heldFrames = []
            return nil
        }
        return receive(heldFrames.removeFirst(), now: now)
    }

    /// Notes that the peer lives: call it for every run of bytes received and for every WebSocket pong.
    public mutating func heard(now: UInt64) { lastHeard = now }

    /// Ends the session for an error of the decoder or of time.
    public mutating func fail(_ error: STOMPError) -> STOMPAction {
        guard phase != .closed else { return .none }
        let bytes = errorFrame(
            error.fault.message, error.fault.explanation, receipt: error.receipt,
            listsVersions: error.fault == .unsupportedVersion)
        end()
        return .writeAndClose(bytes, error.fault.close)
    }

    /// Work is done: its receipt, if any, is written, and DISCONNECT is answered when nothing else is left.
    public mutating func completed(receipt: [UInt8]?) -> STOMPAction {
        finishWork(receipts: [receipt].compactMap { $0 })
    }

    /// A transaction's messages are where they should be: the receipts of its SENDs are written, then that of COMMIT.
    public mutating func committed(_ commit: STOMPCommit) -> STOMPAction {
        finishWork(receipts: commit.sends.compactMap { $0.value(of: "receipt") } + [commit.receipt].compactMap { $0 })
    }

    /// Work came to nothing, and the client is told otherwise than by STOMP: no receipt, and the session lives on.
    public mutating func failed() -> STOMPAction { finishWork(receipts: []) }

    /// Work is refused: ERROR, then the close. For a SUBSCRIBE that is not allowed, or a COMMIT that cannot be.
    ///
    /// - Parameters:
    ///   - message: the `message` header, without colon, backslash or line break.
    ///   - explanation: the body: what to do.
    ///   - receipt: that of the refused frame.
    public mutating func refused(
        message: String, explanation: String, receipt: [UInt8]?, close: STOMPClose
    ) -> STOMPAction {
        takeWork()
        guard phase != .closed else { return .none }
        let bytes = errorFrame(message, explanation, receipt: receipt)
        end()
        return .writeAndClose(bytes, close)
    }

    /// The session is over for a reason that is no fault of a frame: ERROR, then the close.
    ///
    /// - Parameters:
    ///   - message: the `message` header, without colon, backslash or line break.
    ///   - explanation: the body: what to do.
    public mutating func dismissed(message: String, explanation: String, close: STOMPClose) -> STOMPAction {
        guard phase != .closed else { return .none }
        let bytes = errorFrame(message, explanation, receipt: nil)
        end()
        return .writeAndClose(bytes, close)
    }

    private mutating func finishWork(receipts: [[UInt8]]) -> STOMPAction {
        takeWork()
        guard phase != .closed else { return .none }
        var writer = ByteWriter()
        for receipt in receipts {
            encoder.appendReceipt(receipt, to: &writer)
        }
        if phase == .disconnecting, outstanding == 0 {
            return farewell(after: writer)
        }
        return writer.count == 0 ? .none : .write(writer.bytes)
    }

    private mutating func takeWork() {
        precondition(outstanding > 0, "cannot finish work when none is outstanding")
        outstanding -= 1
    }

    var encoder: STOMPEncoder { STOMPEncoder(version: version) }

    func errorFrame(
        _ message: String, _ explanation: String, receipt: [UInt8]?, listsVersions: Bool = false
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        encoder.appendError(
            message: message, explanation: explanation, receipt: receipt, listsVersions: listsVersions, to: &writer)
        return writer.bytes
    }

    /// The last words: what is in `writer`, and the receipt of DISCONNECT.
    mutating func farewell(after writer: consuming ByteWriter) -> STOMPAction {
        if let disconnectReceipt {
            encoder.appendReceipt(disconnectReceipt, to: &writer)
        }
        end()
        return .writeAndClose(writer.bytes, .normal)
    }

    /// Forgets all but that it has ended.
    mutating func end() {
        phase = .closed
        subscriptions = STOMPSubscriptions()
        transactions = []
        heldFrames = []
        disconnectReceipt = nil
    }
}
