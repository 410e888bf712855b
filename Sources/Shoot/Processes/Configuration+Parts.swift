import Application
import Bytes
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

    /// The keys that sign and check access tokens.
    func tokenAuthority() throws(StartError) -> TokenAuthority {
        let entries = auth.jwtKeys.map { key in
            "\(key.id):\(String(decoding: Base64.encode(Array(key.secret.utf8)), as: UTF8.self))"
        }
        do throws(SigningKeysError) {
            return TokenAuthority(
                keys: try SigningKeys(entries.joined(separator: ",")),
                accessLifetimeSeconds: Int64(auth.accessTokenSeconds),
                refreshLifetimeSeconds: Int64(auth.refreshTokenSeconds))
        } catch {
            throw StartError("auth.jwtKeys: \(error)")
        }
    }

    /// The HTTP server of a gateway.
    func server(router: HTTPRouter, cors: CORSPolicy) throws -> HTTPServer.Configuration {
        var server = HTTPServer.Configuration(address: try address(port: http.port), router: router)
        server.cors = cors
        server.limits.connections = http.maxConnections
        server.trustedProxies = try http.trustedProxies.map { text in
            guard let block = NetworkBlock(text) else {
                throw StartError("http.trustedProxies: \(text) is neither an address nor a block of addresses")
            }
            return block
        }
        server.tls = try http.tls.map {
            try TLSServerContext(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
        }
        return server
    }

    /// `http.host` with a port.
    func address(port: Int) throws(StartError) -> SocketAddress {
        guard let address = SocketAddress(host: http.host, port: UInt16(port)) else {
            throw StartError("http.host: \(http.host) is not an IPv4 or IPv6 address")
        }
        return address
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
