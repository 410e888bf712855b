import Application
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// What the sessions of one loop share. Confined to that loop.
final class GatewayLoop {
    let loop: EventLoop
    /// Its place among the gateway's loops.
    let index: Int
    let fanout: LoopFanout
    let frames: FrameEncoder
    let hubs: RoomHubs
    let authenticator: Authenticator
    let ids: MessageIDs
    let clock: @Sendable () -> Timestamp
    let stomp: STOMPLimits
    let serverName: String
    let metrics: GatewayMetrics
    let logger: Logger
    /// Nil where this process records no traces.
    let tracer: Tracer?
    private var traceAllowance = TraceAllowance(perSecond: GatewayLimits.maxTracesPerSecond)
    let typing: TypingBoard
    /// Nil where users may have any number of sessions.
    let places: SessionPlaces?
    /// Nil where users may send any number of messages.
    let allowances: MessageAllowances?
    let handshake: WebSocketHandshake
    let websockets: WebSocketLoop
    /// Runs while the gateway tells its clients to move.
    private var moveTimer: LoopTimer?
    private var sessions: [ChatSession] = []
    private var lastSubscription: UInt64 = 0

    init(
        index: Int, fanout: LoopFanout, hubs: RoomHubs, environment: ChatGateway.Environment,
        options: ChatGateway.Options
    ) {
        loop = fanout.loop
        self.index = index
        self.fanout = fanout
        frames = fanout.frames
        self.hubs = hubs
        authenticator = environment.authenticator
        ids = environment.ids
        clock = environment.clock
        stomp = options.stomp
        serverName = options.serverName
        metrics = environment.metrics
        logger = environment.logger
        tracer = environment.tracer
        typing = TypingBoard(loop: fanout.loop, hubs: hubs, metrics: environment.metrics)
        let ledger = options.needsLedger ? environment.makeUserLedger(fanout.loop, index) : nil
        places = options.limitsSessions ? ledger.map { SessionPlaces(ledger: $0, metrics: environment.metrics) } : nil
        allowances =
            options.limitsMessages
            ? ledger.map { MessageAllowances(loop: fanout.loop, ledger: $0, metrics: environment.metrics) } : nil
        handshake = WebSocketHandshake(
            subprotocols: ["v12.stomp", "v11.stomp", "v10.stomp"], compresses: options.compresses)
        websockets = WebSocketLoop(
            loop: fanout.loop, maxMessageBytes: options.maxMessageBytes, outboundLimits: options.outboundLimits)
    }

    /// Begins to look after the sessions' time-outs: one timer for all of them. Call once, on the loop.
    func start() {
        loop.schedule(
            afterMilliseconds: GatewayLimits.sessionTickMilliseconds,
            repeatMilliseconds: GatewayLimits.sessionTickMilliseconds
        ) { [unowned self] in
            let now = loop.now
            let time = clock()
            for session in sessions {
                session.tick(now: now, time: time)
            }
            places?.tick()
        }
    }

    func add(_ session: ChatSession) {
        session.slot = sessions.count
        sessions.append(session)
        metrics.connections.add(1)
        metrics.connectionsOpened.add()
    }

    /// Takes a session out by putting the last one in its place.
    func remove(_ session: ChatSession) {
        metrics.connections.add(-1)
        guard let last = sessions.popLast(), last !== session else { return }
        last.slot = session.slot
        sessions[session.slot] = last
    }

    /// Whether one more message may be traced now.
    func mayTrace() -> Bool { traceAllowance.take(at: loop.now) }

    /// A name for a new subscription.
    func newSubscriptionKey() -> SubscriptionKey {
        lastSubscription += 1
        return SubscriptionKey(loop: index, number: lastSubscription)
    }

    /// How many sessions there are.
    var sessionCount: Int { sessions.count }

    /// Tells every session to move to another gateway, in batches spread over `overMilliseconds`. Who comes meanwhile,
    /// by a connection that was accepted before, is told as well.
    func moveAll(overMilliseconds: UInt64, retryAfterMilliseconds: @escaping () -> Int) {
        let step = GatewayLimits.moveStepMilliseconds
        var stepsLeft = Int(overMilliseconds / step) + 1
        moveTimer = loop.schedule(afterMilliseconds: 0, repeatMilliseconds: step) { [weak self] in
            guard let self else { return }
            let staying = sessions.filter { !$0.isMoving }
            let batch = (staying.count + stepsLeft - 1) / stepsLeft
            stepsLeft = max(stepsLeft - 1, 1)
            for session in staying.prefix(batch) {
                session.move(retryAfterMilliseconds: retryAfterMilliseconds())
            }
        }
    }

    /// Closes what is left, answered or not, and tells how much that was.
    func closeAll() -> Int {
        moveTimer?.cancel()
        let left = sessions
        for session in left {
            session.closeMoving()
        }
        return left.count
    }
}
