import EventLoop
import Foundation
import Support
import Testing

@testable import Security
@testable import Shoot

@Suite struct ConfigurationTests {
    /// What the profile `prod` asks for at the least.
    static let production = [
        "SHOOT_PROFILE": "prod", "SHOOT_REDIS_URL": "rediss://:secret@redis:6380",
        "SHOOT_MONGODB_URL": "mongodb://shoot:secret@one,two/shoot?replicaSet=rs",
        "SHOOT_POSTGRES_URL": "postgresql://shoot:secret@db/shoot",
        "SHOOT_JWT_KEYS": "2026:0123456789abcdef0123456789abcdef",
    ]

    private func load(
        _ environment: [String: String] = [:], file: String = ""
    ) throws(ConfigurationError) -> Configuration {
        let tree = (try? YAMLNode.parse(Array(file.utf8))) ?? .scalar("not YAML")
        let values = try ConfigurationValues(environment: environment, file: tree, fileName: "shoot.yaml")
        return try Configuration(values, hostName: "host")
    }

    private func refusal(_ environment: [String: String] = [:], file: String = "") -> ConfigurationError? {
        #expect(throws: ConfigurationError.self) { try load(environment, file: file) }
    }

    @Test func nothingSetIsTheLocalProfile() throws {
        let configuration = try load()
        #expect(configuration.profile == .local)
        #expect(configuration.http.address.port == 8080)
        #expect(configuration.gatewayID == "host-8080")
        #expect(configuration.auth.bcryptCost == 10)
        #expect(configuration.auth.signingKeys.ids == ["local"])
        #expect(configuration.http.tls == nil)
        #expect(configuration.stores.given.isEmpty)
    }

    @Test func theFileGoesBeforeDefaultsAndTheEnvironmentBeforeTheFile() throws {
        let file = "http:\n  port: 1000\n  maxConnections: 20\nwebsocket:\n  compression: true\nlog:\n"
        let configuration = try load(["SHOOT_HTTP_PORT": "2000", "SHOOT_LOG_LEVEL": ""], file: file)
        #expect(configuration.http.address.port == 2000)
        #expect(configuration.http.maxConnections == 20)
        #expect(configuration.sessions.compression)
        #expect(configuration.logLevel == "info", "an empty variable is as none")
    }

    @Test func listsAreReadFromBoth() throws {
        let origins = ["https://a.example", "https://b.example"]
        #expect(
            try load(file: "http:\n  corsAllowedOrigins: [\"https://a.example\", \"https://b.example\"]\n").http
                .corsAllowedOrigins == origins)
        #expect(
            try load(["SHOOT_HTTP_CORS_ALLOWED_ORIGINS": "https://a.example, https://b.example,"]).http
                .corsAllowedOrigins == origins)
    }

    @Test func telemetryIsReadFromBoth() throws {
        let none = try load().telemetry
        #expect(none == Configuration.Telemetry(sampleRatio: 0, otlpEndpoint: "", recentSpans: 1024))
        let file = "telemetry:\n  sampleRatio: 0.25\n  otlpEndpoint: \"\"\n  recentSpans: 7\n"
        let both = try load(["SHOOT_TELEMETRY_OTLP_ENDPOINT": "http://collector:4318"], file: file).telemetry
        #expect(
            both
                == Configuration.Telemetry(sampleRatio: 0.25, otlpEndpoint: "http://collector:4318", recentSpans: 7))
        #expect(try load(Self.production).telemetry.recentSpans == 0)
    }

    @Test func givenStoresAreTold() throws {
        let configuration = try load(["SHOOT_REDIS_URL": "redis://r"], file: "postgres:\n  url: postgres://p/d\n")
        #expect(
            configuration.stores.given == ["SHOOT_REDIS_URL": "redis://r", "SHOOT_POSTGRES_URL": "postgres://p/d"])
    }

    @Test(arguments: [
        ("http:\n  prot: 1\n", "http.prot"), ("htp:\n  port: 1\n", "htp"), ("http:\n  tls:\n    x: 1\n", "http.tls.x"),
        ("http: 8080\n", "http"), ("http:\n  port: many\n", "http.port"), ("http:\n  port: 70000\n", "http.port"),
        ("http:\n  port: [1]\n", "http.port"), ("http:\n  port:\n    x: 1\n", "http.port"),
        ("http:\n  corsAllowedOrigins: x\n", "http.corsAllowedOrigins"), ("- 1\n", "shoot.yaml"),
        ("http:\n  corsAllowedOrigins: [[x]]\n", "http.corsAllowedOrigins"),
        ("websocket:\n  compression: yes\n", "websocket.compression"), ("profile: production\n", "profile"),
        ("redis:\n  url: mongodb://x\n", "redis.url"), ("gateway:\n  id: a b\n", "gateway.id"),
        ("http:\n  tls:\n    keyFile: x\n", "http.tls.certificateFile"),
        ("telemetry:\n  sampleRatio: 1.5\n", "telemetry.sampleRatio"),
        ("telemetry:\n  sampleRatio: nan\n", "telemetry.sampleRatio"),
        ("telemetry:\n  sampleRatio: half\n", "telemetry.sampleRatio"),
        ("telemetry:\n  otlpEndpoint: collector:4318\n", "telemetry.otlpEndpoint"),
        ("auth:\n  jwtKeys: [short:secret]\n", "auth.jwtKeys"), ("auth:\n  jwtKeys: []\n", "auth.jwtKeys"),
        ("auth:\n  jwtKeys: [\"a b:0123456789abcdef0123456789abcdef\"]\n", "auth.jwtKeys"),
        ("http:\n  host: localhost\n", "http.host"),
        ("http:\n  trustedProxies: [10.0.0.0/8, balancer]\n", "http.trustedProxies"),
    ])
    func refusesBadFilesNamingTheKey(file: String, key: String) {
        let error = refusal(file: file)
        #expect(error?.subject.split(separator: " ").first.map(String.init) == key)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func anErrorNamesKeyVariableAndRuleButNotTheValue() {
        let error = refusal(["SHOOT_REDIS_URL": "http://:secret@redis"])
        #expect(
            error?.description
                == "configuration: redis.url (SHOOT_REDIS_URL) must be a URL that begins with redis:// or rediss://")
    }

    @Test func productionStartsWithWhatItAsksFor() throws {
        let configuration = try load(Self.production)
        #expect(configuration.profile == .prod)
        #expect(configuration.auth.bcryptCost == 12)
        #expect(configuration.auth.signingKeys.ids == ["2026"])
        #expect(configuration.http.corsAllowedOrigins.isEmpty)
    }

    @Test(arguments: ["SHOOT_REDIS_URL", "SHOOT_MONGODB_URL", "SHOOT_POSTGRES_URL", "SHOOT_JWT_KEYS"])
    func productionDoesNotStartWithout(variable: String) {
        var environment = Self.production
        environment[variable] = nil
        #expect(refusal(environment)?.subject.contains(variable) == true)
    }

    @Test(arguments: [
        ("SHOOT_REDIS_URL", "redis://redis"), ("SHOOT_REDIS_URL", "redis://shoot:@redis"),
        ("SHOOT_MONGODB_URL", "mongodb://shoot@one/shoot?x=a:b@c"),
        ("SHOOT_POSTGRES_URL", "postgresql://db:5432/shoot"),
        ("SHOOT_JWT_KEYS", "mine:shoot-local-development-key-known-to-everybody"),
        ("SHOOT_HTTP_CORS_ALLOWED_ORIGINS", "https://a.example,*"),
    ])
    func productionRefuses(variable: String, value: String) {
        #expect(refusal(Self.production.merging([variable: value]) { $1 })?.subject.contains(variable) == true)
    }

    @Test func severalKeysAreAcceptedAndTheFirstSigns() throws {
        let secrets = ["a": "0123456789abcdef0123456789abcdef", "b": "fedcba9876543210fedcba98:76543210"]
        let configuration = try load(["SHOOT_JWT_KEYS": "b:\(secrets["b"] ?? ""),a:\(secrets["a"] ?? "")"])
        #expect(configuration.auth.signingKeys.ids == ["b", "a"])
        #expect(
            configuration.auth.signingKeys.all.map { String(decoding: $0.secret, as: UTF8.self) }
                == [secrets["b"], secrets["a"]])
        #expect(refusal(["SHOOT_JWT_KEYS": "a:\(secrets["a"] ?? ""),a:\(secrets["b"] ?? "")"]) != nil)
    }

    @Test func aNamedFileMustBeThere() throws {
        let folder = try TestFolder.makeFolder("configuration")
        let environment = ["SHOOT_CONFIG": folder + "/missing.yaml"]
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(environment: environment, hostName: "host")
        }
        #expect(error?.subject == folder + "/missing.yaml")
        let file = folder + "/shoot.yaml"
        try "http: {port: 81}\n".write(toFile: file, atomically: true, encoding: .utf8)
        let configuration = try Configuration.load(file: file, environment: environment, hostName: "host")
        #expect(configuration.http.address.port == 81)
    }

    @Test func anEndlessFileIsNotRead() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(file: "/dev/zero", environment: [:], hostName: "host")
        }
        #expect(error?.rule.contains("larger") == true)
    }
}
