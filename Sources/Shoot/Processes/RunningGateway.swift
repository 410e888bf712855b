import Application
import Bytes
import Domain
import EventLoop
import Gateway
import Mongo
import Postgres
import Redis
import Security
import Telemetry
import Threads
import WireProtocols

/// A gateway that serves clients.
final class RunningGateway: Sendable {
    let address: SocketAddress
    private let server: HTTPServer
    private let chat: ChatGateway
    private let link: RedisLinks
    private let shutdown: Configuration.Shutdown
    private let logger: Logger

    /// Begins to serve. Where a store is away it says so in readiness and to those who need it.
    static func start(in process: ProcessLifecycle, ids: MessageIDs) async throws -> RunningGateway {
        let (configuration, stores, loops) = (process.configuration, process.stores, process.loops)
        let (registry, link, logger) = (process.registry, process.redis, process.logger)
        let metrics = GatewayMetrics(registry: registry)
        let authority = configuration.tokenAuthority
        let authenticator = Authenticator(tokens: authority, clock: wallClock)
        let rooms = MongoRoomStore(stores.mongo)
        let messages = MongoMessageStore(stores.mongo)
        link.beginHeartbeat()
        let chat = try await ChatGateway.start(
            on: loops,
            ChatGateway.Environment(
                rooms: rooms, messages: messages, authenticator: authenticator, ids: ids, clock: wallClock,
                metrics: metrics, logger: logger,
                tracer: process.tracing.tracer(.gateway, id: configuration.gatewayID),
                makeRoomLog: { link.roomLog(on: $0) },
                makeUserLedger: { link.userLedger(on: $0, index: $1) }),
            ChatGateway.Options(configuration))
        let cors = CORSPolicy(allowedOrigins: configuration.http.corsAllowedOrigins)
        var router = HTTPRouter()
        ChatUpgrade(gateway: chat, authenticator: authenticator, cors: cors).add(to: &router)
        let users = PostgresUserStore(stores.postgres)
        let makeID: @Sendable (Timestamp) -> ObjectID = {
            ids.next(seconds: UInt32(truncatingIfNeeded: $0.milliseconds / 1000))
        }
        let membershipLog = link.membershipLog(configuration)
        RoomRoutes(
            rooms: Rooms(store: rooms, users: users, makeID: makeID),
            membership: Membership(
                log: membershipLog, store: rooms, users: users, makeID: makeID),
            authenticator: authenticator, clock: wallClock
        ).add(to: &router)
        MessageRoutes(
            history: History(rooms: rooms, messages: messages),
            changes: MessageChanges(
                log: link.changeLog(configuration), warming: membershipLog, messages: messages, rooms: rooms,
                members: MessageRoutes.changeableMembers, clock: wallClock,
                pause: { try? await Task.sleep(for: .milliseconds($0)) }),
            authenticator: authenticator, metrics: metrics
        ).add(to: &router)
        let hasher = BcryptHasher(
            cost: configuration.auth.bcryptCost,
            threads: BlockingPool(name: "bcrypt", threads: availableCores(), maxQueued: maxQueuedHashes))
        let sessions = PostgresRefreshTokenStore(stores.postgres)
        AuthRoutes(
            signUp: SignUp(users: users, hasher: hasher, issuer: authority, random: SecureRandom.bytes),
            logIn: LogIn(
                users: users, sessions: sessions, hasher: hasher, issuer: authority,
                attempts: link.loginAttempts { metrics.count(skipped: .logins) }),
            refreshTokens: RefreshTokens(sessions: sessions, issuer: authority), users: users,
            authenticator: authenticator, clock: wallClock, isSecure: configuration.profile == .prod
        ).add(to: &router)
        HealthRoutes(
            checks: [link.healthCheck, stores.mongoHealth, stores.postgresHealth], registry: registry,
            isStopping: { [stop = process.stop] in stop.isAsked }
        ).add(to: &router)
        process.tracing.addRoutes(to: &router)
        let server = try await HTTPServer.start(
            on: loops, configuration: try configuration.server(router: router, cors: cors),
            completed: { exchange in
                if let code = exchange.errorCode {
                    metrics.count(code)
                }
                exchange.log(logger)
            })
        return RunningGateway(
            server: server, chat: chat, link: link, shutdown: configuration.shutdown, logger: logger)
    }

    private init(
        server: HTTPServer, chat: ChatGateway, link: RedisLinks, shutdown: Configuration.Shutdown, logger: Logger
    ) {
        address = server.address
        self.server = server
        self.chat = chat
        self.link = link
        self.shutdown = shutdown
        self.logger = logger
    }

    /// Lets balancers see that it is not ready, accepts nobody any more, tells clients to move, each when what it sent
    /// is answered, and gives up its rooms.
    func stop() async {
        // Each step has its share of the grace at most, so that a short one still leaves time for all of them.
        let grace = shutdown.graceSeconds * 1000
        let deadline = ContinuousClock.now + .milliseconds(grace * 3 / 4)
        try? await Task.sleep(for: .milliseconds(min(shutdown.announceMilliseconds, grace / 4)))
        await server.stopAccepting()
        let left = await chat.moveClients(
            overMilliseconds: min(shutdown.moveMilliseconds, grace / 3),
            retrySpreadMilliseconds: shutdown.retrySpreadMilliseconds, until: deadline)
        if left > 0 {
            logger.warning("gateway.clients_left", ["count": .integer(Int64(left))])
        }
        await server.drain(graceMilliseconds: UInt64(min(2000, grace / 15)))
        await chat.closeRooms()
        link.endHeartbeat()
    }

    /// Passwords that wait to be hashed: at some 60 ms each on a core, more would wait longer than their clients.
    private static let maxQueuedHashes = 128
}
