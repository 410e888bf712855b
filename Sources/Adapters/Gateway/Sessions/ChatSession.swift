import Application
import Bytes
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// One client's STOMP session on its WebSocket: performs what the session's state machine asks for. Confined to the
/// loop of its connection.
final class ChatSession: WebSocketHandler {
    let context: GatewayLoop
    let connection: WebSocketConnection
    private var decoder: STOMPDecoder
    var stomp: STOMPSession
    var subscriptions = SessionSubscriptions()
    /// Who it is: known from the handshake, or else from CONNECT.
    private(set) var user: AccessClaims?
    /// When something was last sent, which is as good as a heart-beat.
    private var lastSent: UInt64
    /// Numbers what only this session is told.
    var errorNumber: UInt64 = 0
    /// What it was told of its sends under way.
    var inFlightSends = InFlightSends()
    /// A subscription that was handed what it missed, and who wants to know when it has been taken.
    typealias Replayed = (subscription: Subscription, taken: @Sendable () -> Void)
    var replays: [Replayed] = []
    /// What further subscriptions of it missed, at most a page for each: they take turns, or several busy rooms that it
    /// resumes at once would be more than may wait for it.
    var parked: [Replay] = []
    /// Subscriptions that rooms are still to serve. Those that resume may take long, and as long as the client takes.
    var opening = 0
    /// The rooms that it last said to be typing in.
    var typingIn: Set<RoomID> = []
    /// Its number among the sessions that count for their users; 0 where it has none.
    var place: UInt64 = 0
    /// Its connection has ended.
    private(set) var hasEnded = false
    /// Its place among the sessions of the loop.
    var slot = 0
    /// The gateway stops, and has told it to come back elsewhere after so many milliseconds.
    private var retryAfterMilliseconds: Int?

    init(context: GatewayLoop, connection: WebSocketConnection, user: AccessClaims?) {
        self.context = context
        self.connection = connection
        self.user = user
        decoder = STOMPDecoder(limits: context.stomp)
        stomp = STOMPSession(limits: context.stomp, now: context.loop.now)
        lastSent = context.loop.now
        context.add(self)
    }

    /// Whether frames for it are compressed.
    var compressesMessages: Bool { connection.isCompressed }

    func webSocket(_ connection: WebSocketConnection, received message: Span<UInt8>, isText: Bool) {
        let now = context.loop.now
        stomp.heard(now: now)
        do throws(STOMPError) {
            var offset = 0
            while stomp.phase != .closed, let input = try decoder.next(in: message, at: &offset) {
                guard case .frame(let frame) = input else { continue }
                perform(stomp.receive(frame, now: now))
                decoder.version = stomp.version
            }
        } catch {
            perform(stomp.fail(error))
        }
    }

    func webSocketHeardPong(_ connection: WebSocketConnection) { stomp.heard(now: context.loop.now) }

    func webSocketClosed(_ connection: WebSocketConnection, code: UInt16, reason: String) {
        hasEnded = true
        parked = []
        endTyping()
        for subscription in subscriptions.removeAll() {
            leave(subscription)
        }
        context.places?.leave(place)
        context.remove(self)
    }

    /// Looks after time-outs, heart-beats and the token's end.
    func tick(now: UInt64, time: Timestamp) {
        if let user, user.expiresAt <= time {
            close(
                code: .policyViolation, reason: "the access token has expired; renew it through /app/auth and reconnect"
            )
            return
        }
        switch stomp.tick(now: now, lastSent: lastSent) {
        case .keepAlive(let heartBeat, let ping):
            if heartBeat {
                deliver(context.frames.heartBeat)
            }
            if ping {
                connection.ping()
            }
        case .writeAndClose(let bytes, let close): perform(.writeAndClose(bytes, close))
        }
    }

    /// Ends the session for a reason that its client is told.
    func close(code: WebSocketCloseCode, reason: String) { connection.close(code: code, reason: reason) }

    /// Sends frames that were encoded for all subscribers of its kind.
    func deliver(_ frames: SharedBytes) {
        lastSent = context.loop.now
        connection.send(frames)
    }

    /// Sends one STOMP frame.
    func write(_ frame: [UInt8]) {
        deliver(context.frames.encode(frame, isCompressed: compressesMessages))
    }

    func perform(_ action: STOMPAction) {
        switch action {
        case .none: break
        case .authenticate(let frame): authenticate(frame)
        case .subscribe(let request): subscribe(request)
        case .unsubscribe(let handle, let receipt): unsubscribe(handle, receipt: receipt)
        case .send(let send): acceptSend(send)
        case .commit(let commit): acceptCommit(commit)
        case .acknowledge(let acknowledgement, let receipt):
            acknowledged(acknowledgement)
            perform(stomp.completed(receipt: receipt))
        case .write(let bytes): write(bytes)
        case .writeAndClose(let bytes, let close):
            if !bytes.isEmpty {
                write(bytes)
            }
            connection.close(code: close.code, reason: close.reason)
        }
        updateReading()
    }

    /// Reads no more from a client that has more under way than it may, nor from one that is to move, which is told so
    /// once what it sent is answered. Subscriptions are not waited for: what it acknowledges may be what they wait for, and
    /// it resumes them elsewhere.
    func updateReading() {
        guard stomp.phase != .closed else { return }
        let underWay = stomp.outstanding - opening
        connection.isReadingPaused = isMoving || underWay >= GatewayLimits.maxOutstandingPerSession
        if isMoving, underWay <= 0 {
            closeMoving()
        }
    }

    /// Whether its client is told to move to another gateway, or will be once what it sent is answered.
    var isMoving: Bool { retryAfterMilliseconds != nil }

    /// Has the client move to another gateway, not before what it sent is answered.
    func move(retryAfterMilliseconds: Int) {
        self.retryAfterMilliseconds = retryAfterMilliseconds
        updateReading()
    }

    /// Tells the client to move, whatever it waits for.
    func closeMoving() { close(code: .serviceRestart, reason: "retry-after-ms=\(retryAfterMilliseconds ?? 0)") }

    private func authenticate(_ connect: STOMPFrame) {
        do throws(Refusal) {
            if let header = connect.text(of: "Authorization") {
                user = try context.authenticator.user(authorization: header)
            }
            guard let user else {
                throw Refusal(.unauthenticated, "send an access token as Authorization: Bearer <token>")
            }
            begin(as: user)
        } catch {
            context.metrics.count(error.code)
            perform(
                stomp.authenticationFailed(
                    message: "not authenticated", explanation: error.message,
                    close: STOMPClose(
                        code: .policyViolation, reason: "not authenticated: log in and connect with its token")))
        }
    }

    /// Takes a new access token of the same user, so that the session outlives the first.
    func renew(_ token: String) throws(Refusal) {
        let renewed = try context.authenticator.user(token: token)
        guard renewed.userID == user?.userID else { throw Refusal(.forbidden, "the token is another user's") }
        user = renewed
    }
}
