import EventLoop
import Gateway
import Security

extension Configuration {
    /// The file that is read when none is named, if it is there.
    static let usualFile = "config/shoot.yaml"

    /// Reads the file and the environment, and checks what can be checked before anything is started.
    /// - Parameters:
    ///   - file: the path to read; nil: that in `SHOOT_CONFIG`, else `config/shoot.yaml` where there is one.
    ///   - hostName: for the gateway's id, where none is set.
    /// - Throws: the first setting that can not be used; the process ends with exit status 2.
    static func load(
        file: String? = nil, environment: [String: String], hostName: String
    ) throws(ConfigurationError) -> Configuration {
        let named = file ?? environment["SHOOT_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = named ?? usualFile
        let text = try ConfigurationFile.read(path, mayBeMissing: named == nil)
        let tree: YAMLNode
        do {
            tree = try YAMLNode.parse(text)
        } catch {
            throw ConfigurationError(subject: path, rule: "can not be read: line \(error.line): \(error.problem)")
        }
        let values = try ConfigurationValues(environment: environment, file: tree, fileName: path)
        return try Configuration(values, hostName: hostName)
    }

    init(_ values: ConfigurationValues, hostName: String) throws(ConfigurationError) {
        profile = values.profile
        http = try HTTP(values)
        stores = try Stores(values)
        auth = try Auth(values)
        gatewayID = try Self.gatewayID(values, hostName: hostName)
        loops = try values.integer(.loops)
        logLevel = try values.text(.logLevel)
        sessions = try Sessions(values)
        limits = try Limits(values)
        rooms = try Rooms(backlogLimit: values.integer(.roomsBacklogLimit))
        persister = try Persister(
            address: Self.address(values, port: .persisterHTTPPort), workers: values.integer(.persisterWorkers),
            batchMessages: values.integer(.persisterBatchMessages), leaseMilliseconds: values.integer(.persisterLease))
        janitor = try Janitor(
            periodMilliseconds: values.integer(.janitorPeriod),
            roomIdleMilliseconds: values.integer(.janitorRoomIdle),
            gatewaySilentMilliseconds: values.integer(.janitorGatewaySilent))
        telemetry = try Telemetry(
            sampleRatio: values.number(.sampleRatio), otlpEndpoint: values.text(.otlpEndpoint),
            recentSpans: values.integer(.recentSpans))
        redis = try Redis(
            waitReplicas: values.integer(.redisWaitReplicas), waitMilliseconds: values.integer(.redisWaitMilliseconds),
            probeSeconds: values.integer(.redisProbeSeconds))
        shutdown = try Shutdown(
            graceSeconds: max(values.integer(.shutdownGrace), 1),
            announceMilliseconds: values.integer(.shutdownAnnounce),
            moveMilliseconds: values.integer(.shutdownMove),
            retrySpreadMilliseconds: values.integer(.shutdownRetrySpread))
        alertsWebhookURL = try values.text(.alertsWebhookURL)
        if profile == .prod { try ProductionRules.check(self) }
    }

    /// `http.host` with a port.
    fileprivate static func address(
        _ values: ConfigurationValues, port: ConfigurationKey
    ) throws(ConfigurationError) -> SocketAddress {
        let host = try values.text(.httpHost)
        guard let address = SocketAddress(host: host, port: UInt16(try values.integer(port))) else {
            throw ConfigurationError(
                subject: ConfigurationKey.httpHost.title, rule: "must be an IPv4 or IPv6 address, not a name")
        }
        return address
    }

    private static func gatewayID(
        _ values: ConfigurationValues, hostName: String
    ) throws(ConfigurationError) -> String {
        let set = try values.text(.gatewayID)
        let id = try set.isEmpty ? "\(hostName)-\(values.integer(.httpPort))" : set
        let isAllowed = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, id.utf8.count <= ConfigurationLimits.gatewayIDCharacters else {
            throw ConfigurationError(
                subject: ConfigurationKey.gatewayID.title,
                rule: "must be letters, digits and . _ - only, \(ConfigurationLimits.gatewayIDCharacters) at most")
        }
        return id
    }
}

extension Configuration.HTTP {
    fileprivate init(_ values: ConfigurationValues) throws(ConfigurationError) {
        address = try Configuration.address(values, port: .httpPort)
        maxConnections = try values.integer(.httpMaxConnections)
        corsAllowedOrigins = try values.list(.httpCORSAllowedOrigins)
        let blocks = try values.list(.httpTrustedProxies).map { NetworkBlock($0) }
        trustedProxies = blocks.compactMap(\.self)
        guard trustedProxies.count == blocks.count else {
            throw ConfigurationError(
                subject: ConfigurationKey.httpTrustedProxies.title,
                rule: "must be a list of addresses and blocks of addresses, such as 10.0.0.0/8")
        }
        let certificate = try values.text(.tlsCertificateFile)
        let key = try values.text(.tlsKeyFile)
        guard certificate.isEmpty == key.isEmpty else {
            throw ConfigurationError(
                subject: (certificate.isEmpty ? ConfigurationKey.tlsCertificateFile : .tlsKeyFile).title,
                rule: "must be set: a certificate and its key go together")
        }
        tls = certificate.isEmpty ? nil : TLS(certificateFile: certificate, keyFile: key)
    }
}

extension Configuration.Stores {
    fileprivate init(_ values: ConfigurationValues) throws(ConfigurationError) {
        redisURL = try values.text(.redisURL)
        mongoURL = try values.text(.mongoURL)
        mongoPoolSize = try values.integer(.mongoPoolSize)
        postgresURL = try values.text(.postgresURL)
        postgresPoolSize = try values.integer(.postgresPoolSize)
        var given: [String: String] = [:]
        for key in [ConfigurationKey.redisURL, .mongoURL, .postgresURL] where values.isGiven(key) {
            given[key.environmentName] = try values.text(key)
        }
        self.given = given
    }
}

extension Configuration.Auth {
    fileprivate init(_ values: ConfigurationValues) throws(ConfigurationError) {
        let keys = try values.list(.jwtKeys)
        do throws(SigningKeysError) {
            signingKeys = try SigningKeys(keys)
        } catch {
            throw ConfigurationError(
                subject: ConfigurationKey.jwtKeys.title,
                rule: "must be a list of id:secret, each id once, each secret of "
                    + "\(SecurityLimits.minSecretBytes) bytes or more: \(error)")
        }
        accessTokenSeconds = try values.integer(.accessTokenSeconds)
        refreshTokenSeconds = try values.integer(.refreshTokenSeconds)
        bcryptCost = try values.integer(.bcryptCost)
    }
}

extension Configuration.Sessions {
    fileprivate init(_ values: ConfigurationValues) throws(ConfigurationError) {
        maxMessageBytes = try values.integer(.websocketMaxMessageBytes)
        compression = try values.flag(.websocketCompression)
        heartbeatMilliseconds = try values.integer(.stompHeartbeat)
        maxSubscriptions = try values.integer(.stompMaxSubscriptions)
        prefetch = try values.integer(.stompPrefetch)
        maxQueuedBytes = try values.integer(.outboundMaxQueuedBytes)
        stallMilliseconds = try values.integer(.outboundStall)
    }
}

extension Configuration.Limits {
    fileprivate init(_ values: ConfigurationValues) throws(ConfigurationError) {
        sessionsPerUser = try values.integer(.limitsSessions)
        userMessagesPerMinute = try values.integer(.limitsUserMessages)
        roomMessagesPerMinute = try values.integer(.limitsRoomMessages)
        loginsPerAccount = try values.integer(.limitsAccountLogins)
        loginsPerAddress = try values.integer(.limitsAddressLogins)
    }
}
