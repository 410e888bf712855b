import Application
import EventLoop
import Gateway
import Security
import Telemetry
import Threads
import WireProtocols

/// What the parts of a process are set up with, out of the configuration.
extension Configuration {
    /// The logger of a process.
    func logger(_ process: String) -> Logger {
        Logger(level: Logger.Level(rawValue: logLevel) ?? .info, process: process)
    }

    /// What makes and checks access tokens.
    var tokenAuthority: TokenAuthority {
        TokenAuthority(
            keys: auth.signingKeys, accessLifetimeSeconds: Int64(auth.accessTokenSeconds),
            refreshLifetimeSeconds: Int64(auth.refreshTokenSeconds))
    }

    /// The HTTP server of a gateway.
    /// - Throws: `TLSError` where the certificate or its key can't be used.
    func server(router: HTTPRouter, cors: CORSPolicy) throws -> HTTPServer.Configuration {
        var server = HTTPServer.Configuration(address: http.address, router: router)
        server.cors = cors
        server.limits.connections = http.maxConnections
        server.trustedProxies = http.trustedProxies
        server.tls = try http.tls.map {
            try TLSServerContext(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
        }
        return server
    }

    /// The loops of a process, started.
    func startLoops() throws -> [EventLoop] {
        try (0..<(loops == 0 ? availableCores() : loops)).map { try EventLoop.start(name: "loop-\($0)") }
    }
}

extension ChatGateway.Options {
    /// As configured.
    init(_ configuration: Configuration) {
        let sessions = configuration.sessions
        let beat = sessions.heartbeatMilliseconds
        self.init(
            serverName: Version.server,
            stomp: STOMPLimits(
                maxFrameBytes: sessions.maxMessageBytes, maxSubscriptions: sessions.maxSubscriptions,
                maxUnacknowledged: sessions.prefetch,
                heartBeat: STOMPHeartBeat(sendMilliseconds: UInt32(beat), receiveMilliseconds: UInt32(beat))),
            maxMessageBytes: sessions.maxMessageBytes,
            outboundLimits: OutboundLimits(
                maxQueuedBytes: sessions.maxQueuedBytes, stallMilliseconds: UInt64(sessions.stallMilliseconds)),
            compresses: sessions.compression, limitsSessions: configuration.limits.sessionsPerUser > 0,
            limitsMessages: configuration.limits.userMessagesPerMinute > 0)
    }
}
