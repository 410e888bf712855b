import Application
import Bytes
import Domain
import EventLoop
import Gateway
import Mongo
import Postgres
import Redis
import Security
import Synchronization
import Telemetry
import Threads
import WireProtocols

/// A gateway that serves clients.
final class RunningGateway: Sendable {
    let address: SocketAddress
    private let server: HTTPServer
    private let chat: ChatGateway
    private let graceMilliseconds: UInt64

    /// Begins to serve. Where a store is away it says so in readiness and to those who need it.
    static func start(
        _ configuration: Configuration, stores: Stores, loops: [EventLoop], ids: MessageIDs,
        registry: MetricsRegistry, tracing: Tracing, logger: Logger
    ) async throws -> RunningGateway {
        let metrics = GatewayMetrics(registry: registry)
        let authority = try configuration.tokenAuthority()
        let authenticator = Authenticator(tokens: authority, clock: wallClock)
        let rooms = MongoRoomStore(stores.mongo)
        let messages = MongoMessageStore(stores.mongo)
        let link = try await RedisLinks.start(configuration, stores: stores, loops: loops)
        let chat = try await ChatGateway.start(
            on: loops,
            ChatGateway.Environment(
                rooms: rooms, messages: messages, authenticator: authenticator, ids: ids, clock: wallClock,
                metrics: metrics, logger: logger,
                tracer: tracing.tracer(.gateway, id: configuration.gatewayID), makeRoomLog: { link.roomLog(on: $0) }),
            ChatGateway.Options(configuration))
        let cors = CORSPolicy(allowedOrigins: configuration.http.corsAllowedOrigins)
        var router = HTTPRouter()
        ChatUpgrade(gateway: chat, authenticator: authenticator, cors: cors).add(to: &router)
        let users = PostgresUserStore(stores.postgres)
        let makeID: @Sendable (Timestamp) -> ObjectID = {
            ids.next(seconds: UInt32(truncatingIfNeeded: $0.milliseconds / 1000))
        }
        RoomRoutes(
            rooms: Rooms(store: rooms, users: users, makeID: makeID),
            membership: Membership(
                log: link.membershipLog(configuration), store: rooms, users: users, makeID: makeID),
            authenticator: authenticator, clock: wallClock
        ).add(to: &router)
        MessageRoutes(history: History(rooms: rooms, messages: messages), authenticator: authenticator)
            .add(to: &router)
        let hasher = BcryptHasher(
            cost: configuration.auth.bcryptCost,
            threads: BlockingPool(name: "bcrypt", threads: availableCores(), maxQueued: maxQueuedHashes))
        let sessions = PostgresRefreshTokenStore(stores.postgres)
        AuthRoutes(
            signUp: SignUp(users: users, hasher: hasher, issuer: authority, random: SecureRandom.bytes),
            logIn: LogIn(users: users, sessions: sessions, hasher: hasher, issuer: authority),
            refreshTokens: RefreshTokens(sessions: sessions, issuer: authority), users: users,
            authenticator: authenticator, clock: wallClock, isSecure: configuration.profile == .prod
        ).add(to: &router)
        HealthRoutes(
            checks: [link.healthCheck(logger: logger), stores.mongoHealth, stores.postgresHealth], registry: registry
        ).add(to: &router)
        tracing.addRoutes(to: &router)
        let server = try await HTTPServer.start(
            on: loops, configuration: try configuration.server(router: router, cors: cors),
            completed: { exchange in
                if let code = exchange.errorCode {
                    metrics.count(code)
                }
                exchange.log(logger)
            })
        return RunningGateway(
            server: server, chat: chat, graceMilliseconds: UInt64(configuration.shutdownGraceSeconds) * 1000)
    }

    private init(server: HTTPServer, chat: ChatGateway, graceMilliseconds: UInt64) {
        address = server.address
        self.server = server
        self.chat = chat
        self.graceMilliseconds = graceMilliseconds
    }

    /// Accepts nobody any more, tells clients to move, answers what is in flight, gives up its rooms.
    func stop() async {
        await server.stopAccepting()
        // Part of the grace is kept for what comes after.
        let deadline = ContinuousClock.now + .milliseconds(graceMilliseconds * 3 / 4)
        await chat.quiesce(until: deadline)
        await chat.moveClients(spreadMilliseconds: RunningGateway.moveSpreadMilliseconds, until: deadline)
        await server.drain(graceMilliseconds: 2000)
        await chat.closeRooms()
    }

    /// Passwords that wait to be hashed: at some 60 ms each on a core, more would wait longer than their clients.
    private static let maxQueuedHashes = 128

    /// Over how long a time clients that were told to move come back, ms: the others are not to meet all at once.
    private static let moveSpreadMilliseconds = 3000
}
