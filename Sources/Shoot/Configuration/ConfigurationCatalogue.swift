import EventLoop
import WireProtocols

/// Every setting there is. `config/shoot.yaml` is written from this; a test holds the two together.
extension ConfigurationKey {
    static let catalogue: [ConfigurationKey] =
        [profile] + serving + stores + identity + sockets + limiting + persisting + [loops, logLevel] + telemetry
        + alerting + stopping

    static let profile = ConfigurationKey(
        "profile", .oneOf(Profile.allCases.map(\.rawValue)), local: .text("local"), prod: .text("prod"),
        "Which defaults hold, and what is refused: prod wants secrets of its own, named origins, stores with passwords."
    )
    static let loops = ConfigurationKey(
        "loops", .integer(0...256), unit: "threads", local: .integer(0),
        "Event loops that serve connections; 0 is one for each core.")
    static let logLevel = ConfigurationKey(
        "log.level", .oneOf(["debug", "info", "warning", "error"]), local: .text("info"),
        "The least weight that is written, as lines of JSON on standard error.")
    static let shutdownGrace = ConfigurationKey(
        "shutdown.graceSeconds", .integer(0...600), unit: "s", local: .integer(30),
        "After SIGTERM, when the process ends at the latest; 0 is 1 s.")
    static let shutdownAnnounce = ConfigurationKey(
        "shutdown.announceMilliseconds", .integer(0...60_000), unit: "ms", local: .integer(0), prod: .integer(5000),
        "After SIGTERM, how long a gateway that is not ready any more still listens: balancers are to see it first.")
    static let shutdownMove = ConfigurationKey(
        "shutdown.moveMilliseconds", .integer(0...300_000), unit: "ms", local: .integer(1000), prod: .integer(10_000),
        "Then, over how long a gateway's clients are told to move, in batches.")
    static let shutdownRetrySpread = ConfigurationKey(
        "shutdown.retrySpreadMilliseconds", .integer(0...300_000), unit: "ms", local: .integer(3000),
        "Each of them is told to come back after a random time, up to this.")
    private static let stopping = [shutdownGrace, shutdownAnnounce, shutdownMove, shutdownRetrySpread]

    // The listener of a gateway.
    static let httpHost = ConfigurationKey(
        "http.host", .text, local: .text("127.0.0.1"), prod: .text("0.0.0.0"),
        "The address that a gateway listens on, IPv4 or IPv6.")
    static let httpPort = ConfigurationKey(
        "http.port", .integer(0...65_535), local: .integer(8080),
        "The port for HTTP, WebSocket and STOMP; 0 takes a free one.")
    static let httpMaxConnections = ConfigurationKey(
        "http.maxConnections", .integer(1...1_000_000), unit: "connections", local: .integer(15_000),
        "More get 503 and are closed. The limit of open files has to be above it (ulimit -n).")
    static let httpCORSAllowedOrigins = ConfigurationKey(
        "http.corsAllowedOrigins", .list, local: .list(["*"]), prod: .list([]),
        "Origins whose pages may call the API, such as https://chat.example.com; \"*\" is any, and refused in prod.")
    static let httpTrustedProxies = ConfigurationKey(
        "http.trustedProxies", .list, local: .list(["127.0.0.1", "::1"]), prod: .list([]),
        "Addresses of balancers whose X-Forwarded-For is believed; others' is ignored.")
    static let tlsCertificateFile = ConfigurationKey(
        "http.tls.certificateFile", .text, local: .text(""),
        "A certificate chain in PEM; with the key file, the gateway serves https and wss itself.")
    static let tlsKeyFile = ConfigurationKey(
        "http.tls.keyFile", .text, local: .text(""), "The private key to the certificate, in PEM.")
    static let gatewayID = ConfigurationKey(
        "gateway.id", .text, local: .text(""),
        "Names this gateway among the others; empty is <host name>-<port>. Letters, digits and . _ - only.")
    private static let serving = [
        httpHost, httpPort, httpMaxConnections, httpCORSAllowedOrigins, httpTrustedProxies, tlsCertificateFile,
        tlsKeyFile, gatewayID,
    ]

    // The stores.
    static let redisURL = ConfigurationKey(
        "redis.url", .url(["redis", "rediss"]), local: .text("redis://127.0.0.1:6379"), requiredInProd: true,
        "redis://[user:password@]host[:port][/database]; rediss is with TLS.")
    static let mongoURL = ConfigurationKey(
        "mongodb.url", .url(["mongodb", "mongodb+srv"]),
        local: .text("mongodb://127.0.0.1:27017/shoot?replicaSet=shoot"), requiredInProd: true,
        "A replica set's connection string; it names the database.")
    static let mongoPoolSize = ConfigurationKey(
        "mongodb.poolSize", .integer(1...512), unit: "connections", local: .integer(8), prod: .integer(32),
        "Connections to MongoDB, and threads that wait for it.")
    static let postgresURL = ConfigurationKey(
        "postgres.url", .url(["postgresql", "postgres"]), local: .text("postgresql://shoot@127.0.0.1:5432/shoot"),
        requiredInProd: true, "A connection string of libpq.")
    static let postgresPoolSize = ConfigurationKey(
        "postgres.poolSize", .integer(1...512), unit: "connections", local: .integer(4), prod: .integer(16),
        "Connections to PostgreSQL, and threads that wait for it.")
    static let redisWaitReplicas = ConfigurationKey(
        "redis.waitReplicas", .integer(0...10), unit: "replicas", local: .integer(0),
        "How many replicas of Redis must have a message before its sender gets the receipt (WAIT); 0 asks none.")
    static let redisWaitMilliseconds = ConfigurationKey(
        "redis.waitMilliseconds", .integer(10...60_000), unit: "ms", local: .integer(1000),
        "How long they have for it; then the sender is told OUTCOME_UNKNOWN with NOT_REPLICATED.")
    static let redisProbeSeconds = ConfigurationKey(
        "redis.probeSeconds", .integer(2...300), unit: "s", local: .integer(5),
        "A process is not ready when what it writes to itself through the room logs has not come back for so long.")
    private static let stores = [
        redisURL, redisWaitReplicas, redisWaitMilliseconds, redisProbeSeconds, mongoURL, mongoPoolSize, postgresURL,
        postgresPoolSize,
    ]

    // Who is who.
    static let jwtKeys = ConfigurationKey(
        "auth.jwtKeys", .list, environment: "SHOOT_JWT_KEYS",
        local: .list(["local:shoot-local-development-key-known-to-everybody"]), requiredInProd: true,
        "Keys of access tokens as id:secret, secrets of 32 bytes or more. The first signs, all are accepted.")
    static let accessTokenSeconds = ConfigurationKey(
        "auth.accessTokenSeconds", .integer(30...86_400), unit: "s", local: .integer(3600),
        "How long an access token is valid.")
    static let refreshTokenSeconds = ConfigurationKey(
        "auth.refreshTokenSeconds", .integer(60...31_536_000), unit: "s", local: .integer(2_592_000),
        "How long a refresh token is valid.")
    static let bcryptCost = ConfigurationKey(
        "auth.bcryptCost", .integer(4...16), unit: "powers of two", local: .integer(10), prod: .integer(12),
        "Work of hashing a password; one more is twice the time, for a login as for who guesses.")
    private static let identity = [jwtKeys, accessTokenSeconds, refreshTokenSeconds, bcryptCost]

    // Sessions.
    static let websocketMaxMessageBytes = ConfigurationKey(
        "websocket.maxMessageBytes", .integer(1024...16_777_216), unit: "bytes",
        local: .integer(WebSocketLimits.maxMessageBytes),
        "The largest message from a client, inflated; a larger one closes the connection with 1009.")
    static let websocketCompression = ConfigurationKey(
        "websocket.compression", .flag, local: .flag(false),
        "Whether permessage-deflate is agreed to. It saves traffic, and costs memory and time for each connection.")
    static let stompHeartbeat = ConfigurationKey(
        "stomp.heartbeatMilliseconds", .integer(0...600_000), unit: "ms",
        local: .integer(Int(STOMPLimits.defaults.heartBeat.sendMilliseconds)),
        "Heart-beats offered and wanted, both ways; 0 is none.")
    static let stompMaxSubscriptions = ConfigurationKey(
        "stomp.maxSubscriptions", .integer(1...10_000), unit: "subscriptions",
        local: .integer(STOMPLimits.defaults.maxSubscriptions),
        "In one session; one more is answered with ERROR.")
    static let stompPrefetch = ConfigurationKey(
        "stomp.prefetch", .integer(1...10_000), unit: "messages",
        local: .integer(STOMPLimits.defaults.maxUnacknowledged),
        "Sent on a subscription that acknowledges, ahead of its acknowledgements.")
    static let outboundMaxQueuedBytes = ConfigurationKey(
        "outbound.maxQueuedBytes", .integer(16_384...67_108_864), unit: "bytes",
        local: .integer(OutboundLimits.defaults.maxQueuedBytes),
        "Waiting for one client; a slower one is cut off, and can resume.")
    static let outboundStall = ConfigurationKey(
        "outbound.stallMilliseconds", .integer(1000...600_000), unit: "ms",
        local: .integer(Int(OutboundLimits.defaults.stallMilliseconds)),
        "How long a client may take nothing of what waits for it before it is cut off.")
    private static let sockets = [
        websocketMaxMessageBytes, websocketCompression, stompHeartbeat, stompMaxSubscriptions, stompPrefetch,
        outboundMaxQueuedBytes, outboundStall,
    ]

    // What users may do, across all gateways.
    static let limitsSessions = ConfigurationKey(
        "limits.sessionsPerUser", .integer(0...1000), unit: "sessions", local: .integer(0), prod: .integer(3),
        "STOMP sessions that a user has at once; one more ends the oldest. 0 is any number.")
    static let limitsUserMessages = ConfigurationKey(
        "limits.userMessagesPerMinute", .integer(0...1_000_000), unit: "messages", local: .integer(0),
        prod: .integer(60), "Messages that a user sends in a minute; further ones get RATE_LIMITED. 0 is any number.")
    static let limitsRoomMessages = ConfigurationKey(
        "limits.roomMessagesPerMinute", .integer(0...10_000_000), unit: "messages", local: .integer(0),
        prod: .integer(1200), "Messages that a room takes in a minute; further ones get RATE_LIMITED. 0 is any number.")
    static let limitsAccountLogins = ConfigurationKey(
        "limits.loginsPerAccount", .integer(0...1000), unit: "logins", local: .integer(5),
        "Logins of one account that may fail before further ones have to wait, 1 s to 60 s. 0 is any number.")
    static let limitsAddressLogins = ConfigurationKey(
        "limits.loginsPerAddress", .integer(0...100_000), unit: "logins", local: .integer(50),
        "Logins from one address that may fail before further ones have to wait, 1 s to 15 min. 0 is any number.")
    private static let limiting = [
        limitsSessions, limitsUserMessages, limitsRoomMessages, limitsAccountLogins, limitsAddressLogins,
    ]

    // What is told of single messages.
    static let sampleRatio = ConfigurationKey(
        "telemetry.sampleRatio", .number(0...1), unit: "share", local: .number(0),
        "Of messages without a traceparent, the share that gets a trace; those with a sampled one have theirs."
    )
    static let otlpEndpoint = ConfigurationKey(
        "telemetry.otlpEndpoint", .url(["http", "https"], mayBeEmpty: true), local: .text(""),
        "Where spans go by OTLP over HTTP: the URL before /v1/traces; empty sends none.")
    static let recentSpans = ConfigurationKey(
        "telemetry.recentSpans", .integer(0...65_536), unit: "spans", local: .integer(1024), prod: .integer(0),
        "Finished spans that GET /debug/traces/{traceId} and shoot trace can still ask for; 0 turns that off.")
    static let alertsWebhookURL = ConfigurationKey(
        "alerts.webhookUrl", .url(["http", "https"], mayBeEmpty: true), local: .text(""),
        "A webhook in Slack's format that persisters tell of dead letters; a secret. Empty tells nobody.")
    private static let alerting = [alertsWebhookURL]
    private static let telemetry = [sampleRatio, otlpEndpoint, recentSpans]

    // From the room logs into MongoDB.
    static let roomsBacklogLimit = ConfigurationKey(
        "rooms.backlogLimit", .integer(100...1_000_000), unit: "messages", local: .integer(10_000),
        "Messages of a room that MongoDB does not have yet; past it a send is refused with BUSY.")
    static let persisterHTTPPort = ConfigurationKey(
        "persister.httpPort", .integer(0...65_535), local: .integer(8083),
        "The port for the persister's health and metrics, on http.host; 0 takes a free one.")
    static let persisterWorkers = ConfigurationKey(
        "persister.workers", .integer(1...64), unit: "rounds", local: .integer(2), prod: .integer(4),
        "Workers that store rooms side by side.")
    static let persisterBatchMessages = ConfigurationKey(
        "persister.batchMessages", .integer(1...10_000), unit: "messages", local: .integer(500),
        "Read from one room's log and written to MongoDB in one go.")
    static let persisterLease = ConfigurationKey(
        "persister.leaseMilliseconds", .integer(1000...300_000), unit: "ms", local: .integer(10_000),
        "How long a worker holds a room; when it dies, another goes on after this.")
    static let janitorPeriod = ConfigurationKey(
        "janitor.periodMilliseconds", .integer(100...600_000), unit: "ms", local: .integer(10_000),
        "Pause between two rounds of the janitor, which one persister at a time is.")
    static let janitorRoomIdle = ConfigurationKey(
        "janitor.roomIdleMilliseconds", .integer(1000...604_800_000), unit: "ms", local: .integer(600_000),
        "How long nobody must have used a room before it leaves Redis; temp ids are remembered there as long.")
    static let janitorGatewaySilent = ConfigurationKey(
        "janitor.gatewaySilentMilliseconds", .integer(3000...3_600_000), unit: "ms", local: .integer(60_000),
        "How long a gateway must have given no sign of life before its consumer groups are taken away.")
    private static let persisting = [
        roomsBacklogLimit, persisterHTTPPort, persisterWorkers, persisterBatchMessages, persisterLease, janitorPeriod,
        janitorRoomIdle, janitorGatewaySilent,
    ]
}
