import Bytes
import Domain
import EventLoop
import WireProtocols

/// One client's HTTP connection: performs what its state machine asks for. Confined to the loop of its socket.
final class HTTPConnection: TCPConnectionDelegate {
    /// The request that is being handled.
    private struct Current {
        let traceID: TraceID
        let route: String?
        let since: UInt64
    }

    /// Its place among the connections of the loop.
    var slot = 0

    private let server: HTTPLoop
    private let connection: TCPConnection
    private var state: HTTPConnectionState
    private var current: Current?
    private var task: Task<Void, Never>?
    private var isHeldBack = false
    private lazy var peer = connection.remoteAddress.hostDescription

    init(server: HTTPLoop, connection: TCPConnection) {
        self.server = server
        self.connection = connection
        state = HTTPConnectionState(limits: server.limits, now: server.loop.now)
        connection.delegate = self
    }

    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        pump(state.receive(bytes, now: server.loop.now))
    }

    func connectionDrained(_ connection: TCPConnection) {
        guard isHeldBack else { return }
        isHeldBack = false
        goOn()
    }

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {
        task?.cancel()
        server.remove(self)
    }

    /// Looks after time-outs.
    func tick(now: UInt64) {
        switch state.tick(now: now) {
        case nil: break
        case .idle: connection.closeAfterFlush()
        case .request:
            refuse(Refusal(.requestTimeout, "the request took too long to arrive"))
        case .handler:
            task?.cancel()
            refuse(Refusal(.outcomeUnknown, "the request took too long; what it asked for may have been done"))
        }
    }

    /// The server stops: ends the connection after the request that it is at.
    func drain() {
        if state.drain() {
            connection.closeAfterFlush()
        }
    }

    /// Ends the connection whatever it is at.
    func close() { connection.close() }

    /// Does what the state machine asks for until it waits.
    private func pump(_ first: HTTPConnectionState.Action) {
        var action = first
        while true {
            switch action {
            case .wait:
                return
            case .writeContinue:
                connection.write(HTTPResponseHead.continueBytes)
            case .refuse(let error):
                let traceID = server.newTraceID()
                return write(.failure(error, traceID: traceID), traceID: traceID, keepsAlive: false)
            case .handle(let head, let body):
                guard answerNow(head, body) else { return }
            }
            action = nextAction()
        }
    }

    /// What comes next of what has come already: nothing, while the client leaves too many answers unread.
    private func nextAction() -> HTTPConnectionState.Action {
        guard connection.isOpen else { return .wait }
        guard connection.queuedBytes <= server.limits.unreadAnswerBytes else {
            isHeldBack = true
            connection.pauseReading()
            return .wait
        }
        return state.next(now: server.loop.now)
    }

    /// Goes on after an answer that came later.
    private func goOn() {
        pump(nextAction())
        if connection.isOpen, current == nil, !isHeldBack {
            connection.resumeReading()
        }
    }

    /// Answers a request; false where the answer comes later, or the connection is another's now.
    private func answerNow(_ head: HTTPRequestHead, _ body: [UInt8]) -> Bool {
        let received = head.fields["traceparent"].flatMap { TraceContext(traceparent: $0) }
        let traceID = received?.traceID ?? server.newTraceID()
        let resolution = server.router.resolve(head)
        switch resolution {
        case .handler(let handler, let parameters, let route):
            let request = request(head, body, parameters, traceID)
            current = Current(traceID: traceID, route: route, since: server.loop.now)
            connection.pauseReading()
            run(handler, request)
            return false
        case .webSocket(let upgrade, let parameters, let route):
            let request = request(head, body, parameters, traceID)
            current = Current(traceID: traceID, route: route, since: server.loop.now)
            return handOver(request, to: upgrade)
        case .upgradeRequired, .options, .methodNotAllowed, .notFound:
            current = Current(traceID: traceID, route: nil, since: server.loop.now)
            answer(.unrouted(resolution, head, server.cors, traceID: traceID))
            return true
        }
    }

    private func request(
        _ head: HTTPRequestHead, _ body: [UInt8], _ parameters: [String: String], _ traceID: TraceID
    ) -> HTTPRequest {
        let client = server.trustedProxies.client(peer: peer, forwardedFor: head.fields.list(of: "X-Forwarded-For"))
        return HTTPRequest(head: head, body: body, parameters: parameters, clientAddress: client, traceID: traceID)
    }

    private func run(_ handler: @escaping HTTPRouter.Handler, _ request: HTTPRequest) {
        let bound = LoopBound(self, on: server.loop)
        task = Task {
            let response: HTTPResponse
            do throws(Refusal) {
                response = try await handler(request)
            } catch {
                response = .failure(error, traceID: request.traceID)
            }
            bound.loop.execute { bound.value.handled(response) }
        }
    }

    /// The handler is done. Where its time was over, or its client is gone, nobody waits for it any more.
    private func handled(_ response: HTTPResponse) {
        guard current != nil, connection.isOpen else { return }
        task = nil
        answer(response)
        goOn()
    }

    private func handOver(_ request: HTTPRequest, to upgrade: HTTPRouter.Upgrade) -> Bool {
        let remainder = state.upgraded()
        connection.delegate = nil
        guard let response = upgrade(request, connection, remainder) else {
            report(status: 101, errorCode: nil, request.traceID)
            server.remove(self)
            return false
        }
        connection.delegate = self
        state.upgradeRefused(remainder)
        answer(response)
        return true
    }

    /// Answers the current request.
    private func answer(_ response: HTTPResponse) {
        guard let current else { preconditionFailure("cannot answer when nothing was asked") }
        write(response, traceID: current.traceID, keepsAlive: state.keepsAlive)
        state.answered(now: server.loop.now)
    }

    /// Answers with an error whatever the connection is at, and closes it.
    private func refuse(_ refusal: Refusal) {
        let traceID = current?.traceID ?? server.newTraceID()
        write(.failure(refusal, traceID: traceID), traceID: traceID, keepsAlive: false)
    }

    private func write(_ response: HTTPResponse, traceID: TraceID, keepsAlive: Bool) {
        var response = response
        if let head = state.currentHead {
            server.cors.apply(to: &response, for: head)
        }
        let isHead = state.currentHead?.method == .head
        var out = ByteWriter()
        response.head.write(
            to: &out, body: response.body, date: server.date(), keepsAlive: keepsAlive, omitsBody: isHead)
        connection.write(out.bytes)
        report(status: response.head.status, errorCode: response.errorCode, traceID)
        current = nil
        if !keepsAlive {
            connection.closeAfterFlush()
        }
    }

    private func report(status: Int, errorCode: ErrorCode?, _ traceID: TraceID) {
        let milliseconds = current.map { server.loop.now - $0.since } ?? 0
        server.completed(
            HTTPExchange(
                method: state.currentHead?.method, route: current?.route, status: status, errorCode: errorCode,
                milliseconds: milliseconds, traceID: traceID))
    }
}
