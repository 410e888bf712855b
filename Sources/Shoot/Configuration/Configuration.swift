import EventLoop
import Gateway
import Security

/// Everything that an operator can set, checked and typed. `ConfigurationKey` says what each is for.
struct Configuration: Equatable {
    let profile: Profile
    let http: HTTP
    let stores: Stores
    let auth: Auth
    let gatewayID: String
    /// 0: one for each core.
    let loops: Int
    /// One of the names that `ConfigurationKey.logLevel` allows.
    let logLevel: String
    let sessions: Sessions
    let limits: Limits
    let rooms: Rooms
    let persister: Persister
    let janitor: Janitor
    let telemetry: Telemetry
    let redis: Redis
    let shutdown: Shutdown
    /// A secret; empty: nobody is told.
    let alertsWebhookURL: String

    struct HTTP: Equatable {
        /// Where a gateway listens; a persister takes another port of the same host.
        let address: SocketAddress
        let maxConnections: Int
        let corsAllowedOrigins: [String]
        let trustedProxies: [NetworkBlock]
        let tls: TLS?

        struct TLS: Equatable {
            let certificateFile: String
            let keyFile: String
        }
    }

    struct Stores: Equatable {
        let redisURL: String
        let mongoURL: String
        let mongoPoolSize: Int
        let postgresURL: String
        let postgresPoolSize: Int
        /// Those of the URLs that are not defaults, by environment name: stores that are there already.
        let given: [String: String]
    }

    struct Redis: Equatable {
        let waitReplicas: Int
        let waitMilliseconds: Int
        let probeSeconds: Int
    }

    struct Shutdown: Equatable {
        /// At least 1.
        let graceSeconds: Int
        let announceMilliseconds: Int
        let moveMilliseconds: Int
        let retrySpreadMilliseconds: Int
    }

    struct Auth: Equatable {
        let signingKeys: SigningKeys
        let accessTokenSeconds: Int
        let refreshTokenSeconds: Int
        let bcryptCost: Int
    }

    struct Sessions: Equatable {
        let maxMessageBytes: Int
        let compression: Bool
        let heartbeatMilliseconds: Int
        let maxSubscriptions: Int
        let prefetch: Int
        let maxQueuedBytes: Int
        let stallMilliseconds: Int
    }

    /// 0: no limit.
    struct Limits: Equatable {
        let sessionsPerUser: Int
        let userMessagesPerMinute: Int
        let roomMessagesPerMinute: Int
        let loginsPerAccount: Int
        let loginsPerAddress: Int
    }

    struct Rooms: Equatable {
        let backlogLimit: Int
    }

    struct Telemetry: Equatable {
        /// 0 to 1.
        let sampleRatio: Double
        /// Empty: nothing is exported.
        let otlpEndpoint: String
        /// 0: none are kept.
        let recentSpans: Int
    }

    struct Persister: Equatable {
        /// Where health and metrics are served.
        let address: SocketAddress
        let workers: Int
        let batchMessages: Int
        let leaseMilliseconds: Int
    }

    struct Janitor: Equatable {
        let periodMilliseconds: Int
        let roomIdleMilliseconds: Int
        let gatewaySilentMilliseconds: Int
    }
}
