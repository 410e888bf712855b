import Application
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// The realtime side of a gateway: its loops with their fan-outs, hubs and sessions.
public final class ChatGateway: Sendable {
    /// What a gateway stands on.
    public struct Environment: Sendable {
        public var rooms: any RoomStore
        public var messages: any MessageReader
        public var authenticator: Authenticator
        public var ids: MessageIDs
        public var clock: @Sendable () -> Timestamp
        public var metrics: GatewayMetrics
        public var logger: Logger
        /// Records traced messages; nil where none are.
        public var tracer: Tracer?
        /// Makes a loop's connections to Redis; called on that loop.
        public var makeRoomLog: @Sendable (EventLoop) -> any RoomLog
        /// Makes the side of what is kept of users that a loop has, by its place among the loops; called on that loop,
        /// and only where there is a limit.
        public var makeUserLedger: @Sendable (EventLoop, Int) -> any UserLedger

        public init(
            rooms: any RoomStore, messages: any MessageReader, authenticator: Authenticator, ids: MessageIDs,
            clock: @escaping @Sendable () -> Timestamp, metrics: GatewayMetrics, logger: Logger,
            tracer: Tracer? = nil, makeRoomLog: @escaping @Sendable (EventLoop) -> any RoomLog,
            makeUserLedger: @escaping @Sendable (EventLoop, Int) -> any UserLedger
        ) {
            self.rooms = rooms
            self.messages = messages
            self.authenticator = authenticator
            self.ids = ids
            self.clock = clock
            self.metrics = metrics
            self.logger = logger
            self.tracer = tracer
            self.makeRoomLog = makeRoomLog
            self.makeUserLedger = makeUserLedger
        }
    }

    /// How its sessions are served.
    public struct Options: Sendable {
        public var serverName: String
        public var stomp: STOMPLimits
        /// Bytes of one WebSocket message.
        public var maxMessageBytes: Int
        /// How far a client may fall behind.
        public var outboundLimits: OutboundLimits
        /// Whether permessage-deflate is agreed to where a client offers it.
        public var compresses: Bool
        /// Whether a user may have only so many sessions.
        public var limitsSessions: Bool
        /// Whether a user may send only so many messages in a minute.
        public var limitsMessages: Bool

        var needsLedger: Bool { limitsSessions || limitsMessages }

        public init(
            serverName: String, stomp: STOMPLimits, maxMessageBytes: Int, outboundLimits: OutboundLimits,
            compresses: Bool, limitsSessions: Bool, limitsMessages: Bool
        ) {
            self.serverName = serverName
            self.stomp = stomp
            self.maxMessageBytes = maxMessageBytes
            self.outboundLimits = outboundLimits
            self.compresses = compresses
            self.limitsSessions = limitsSessions
            self.limitsMessages = limitsMessages
        }
    }

    let hubs: RoomHubs
    let clock: @Sendable () -> Timestamp
    let ids: MessageIDs
    private let loops: [LoopBound<GatewayLoop>]

    private init(hubs: RoomHubs, loops: [LoopBound<GatewayLoop>], environment: Environment) {
        self.hubs = hubs
        self.loops = loops
        clock = environment.clock
        ids = environment.ids
    }

    /// Sets up every loop. Nothing is accepted yet.
    public static func start(
        on loops: [EventLoop], _ environment: Environment, _ options: Options
    ) async throws -> ChatGateway {
        var fanouts: [LoopBound<LoopFanout>] = []
        for loop in loops {
            fanouts.append(
                try await loop.submit {
                    LoopBound(
                        LoopFanout(loop: loop, metrics: environment.metrics, frames: FrameEncoder()), on: loop)
                })
        }
        let all = fanouts
        var bound: [LoopBound<RoomHub>] = []
        for loop in loops {
            bound.append(
                try await loop.submit {
                    let hub = RoomHub(
                        loop: loop, log: environment.makeRoomLog(loop), rooms: environment.rooms,
                        messages: environment.messages, fanouts: all, clock: environment.clock,
                        metrics: environment.metrics,
                        logger: environment.logger, tracer: environment.tracer)
                    hub.start()
                    return LoopBound(hub, on: loop)
                })
        }
        let hubs = RoomHubs(bound)
        var gatewayLoops: [LoopBound<GatewayLoop>] = []
        for (index, fanout) in fanouts.enumerated() {
            gatewayLoops.append(
                try await fanout.loop.submit {
                    let loop = GatewayLoop(
                        index: index, fanout: fanout.value, hubs: hubs, environment: environment, options: options)
                    loop.start()
                    return LoopBound(loop, on: fanout.loop)
                })
        }
        return ChatGateway(hubs: hubs, loops: gatewayLoops, environment: environment)
    }

    /// The realtime side of the loop that the caller runs on; nil on another thread.
    func current() -> GatewayLoop? { loops.first { $0.loop.isCurrent }?.value }

    /// Tells every client to move, in batches spread over `overMilliseconds`, each as soon as what it sent is answered,
    /// and each to come back at a time of its own within `retrySpreadMilliseconds`. Returns when all have gone and all
    /// that they sent is in the room logs, or at `deadline`, when what is left is closed as it stands.
    ///
    /// - Returns: how many clients were left at the deadline.
    public func moveClients(
        overMilliseconds: Int, retrySpreadMilliseconds: Int, until deadline: ContinuousClock.Instant
    ) async -> Int {
        for loop in loops {
            try? await loop.loop.submit {
                loop.value.moveAll(overMilliseconds: UInt64(overMilliseconds)) {
                    Int.random(in: 0...retrySpreadMilliseconds)
                }
            }
        }
        await wait(until: deadline) { await self.sum { $0.sessionCount } == 0 }
        let left = await sum { $0.closeAll() }
        // Who has gone may have sent what still waits for its allowance: that comes to the rooms before they are asked.
        await wait(until: deadline) {
            let waiting = await self.sum { $0.allowances?.hasDecided == false ? 1 : 0 }
            guard waiting == 0 else { return false }
            return await self.hubs.all { $0.hasPublished }
        }
        return left
    }

    /// Adds up what the loops answer.
    private func sum(_ count: @escaping @Sendable (GatewayLoop) -> Int) async -> Int {
        var total = 0
        for loop in loops {
            total += (try? await loop.loop.submit { count(loop.value) }) ?? 0
        }
        return total
    }

    private func wait(until deadline: ContinuousClock.Instant, _ isDone: () async -> Bool) async {
        while await !isDone(), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(GatewayLimits.stopPollMilliseconds))
        }
    }

    /// Gives up every room, so that Redis is left as if this gateway had never been there, and returns when Redis has
    /// done it, or is away.
    public func closeRooms() async {
        await hubs.each { hub, done in hub.closeAll(completion: done) }
    }
}
