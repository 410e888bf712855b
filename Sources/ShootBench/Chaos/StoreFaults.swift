import Glibc
import Launcher

extension Fault {
    static let storeFaults = [
        Fault(
            name: "redis-restart", title: "Redis (`appendfsync always`) is killed and started again",
            outage: { $0 / 30 }, inject: restartRedis),
        Fault(name: "redis-stop", title: "Redis is silent (SIGSTOP)", outage: { max(1.5, $0 / 6) }, inject: stopRedis),
        Fault(
            name: "redis-cut",
            title: "Redis is cut off between requests and replies, once for long and four times for a moment",
            outage: { max(1.5, $0 / 6) },
            cutsRedis: true, inject: cutRedis),
        Fault(name: "mongo-stop", title: "MongoDB is silent (SIGSTOP)", outage: { $0 }, inject: stopMongo),
        Fault(
            name: "mongo-restart", title: "MongoDB is killed and started again", outage: { $0 / 6 },
            inject: restartMongo),
        Fault(
            name: "postgres-away", title: "PostgreSQL is ended and started again; login answers 503 meanwhile",
            outage: { $0 / 2 }, inject: takePostgresAway),
    ]

    @Sendable private static func restartRedis(_ stage: ChaosStage) async throws -> UInt64 {
        guard let redis = stage.bench.redis else { return monotonicNanoseconds() }
        redis.kill()
        try await stage.wait(stage.outage)
        stage.bench.redis = try RedisServer.start(
            folder: stage.bench.file("stores/redis"), port: redis.port, durability: .always)
        return monotonicNanoseconds()
    }

    @Sendable private static func stopRedis(_ stage: ChaosStage) async throws -> UInt64 {
        stage.bench.redis?.pause()
        try await stage.wait(stage.outage)
        stage.bench.redis?.resume()
        return monotonicNanoseconds()
    }

    /// What was asked last is done, and its answers never come: once for long, then a few times for a moment.
    @Sendable private static func cutRedis(_ stage: ChaosStage) async throws -> UInt64 {
        var cut = stage.outage
        for _ in 0..<5 {
            stage.proxy?.set(.mute)
            try await stage.wait(.milliseconds(50 + stage.choose(250)))
            stage.proxy?.set(.cut)
            try await stage.wait(cut)
            stage.proxy?.set(.open)
            cut = .milliseconds(100)
            try await stage.wait(.milliseconds(200 + stage.choose(400)))
        }
        return monotonicNanoseconds()
    }

    @Sendable private static func stopMongo(_ stage: ChaosStage) async throws -> UInt64 {
        stage.bench.mongoServer?.pause()
        try await stage.wait(stage.outage)
        stage.bench.mongoServer?.resume()
        return monotonicNanoseconds()
    }

    @Sendable private static func restartMongo(_ stage: ChaosStage) async throws -> UInt64 {
        guard let mongo = stage.bench.mongoServer else { return monotonicNanoseconds() }
        mongo.kill()
        try await stage.wait(stage.outage)
        stage.bench.mongoServer = try MongoServer.start(folder: stage.bench.file("stores/mongodb"), port: mongo.port)
        return monotonicNanoseconds()
    }

    @Sendable private static func takePostgresAway(_ stage: ChaosStage) async throws -> UInt64 {
        guard let postgres = stage.bench.postgresServer else { return monotonicNanoseconds() }
        let body = #"{"username":"nobody.here","password":"not the password"}"#
        let logIn = { HTTPCall.status("POST", "/api/v1/auth/login", port: stage.bench.gateways[0].port, json: body) }
        postgres.stop()
        try await stage.wait(stage.outage / 2)
        let status = logIn()
        if status != 503 {
            stage.complain("login: \(status.map { "\($0)" } ?? "no answer") while PostgreSQL is away, not 503")
        }
        try await stage.wait(stage.outage / 2)
        stage.bench.postgresServer = try PostgresServer.start(
            folder: stage.bench.file("stores/postgres"), port: postgres.port, durability: .always)
        let moment = monotonicNanoseconds()
        try await stage.wait(for: "login with PostgreSQL back", within: .seconds(30)) { logIn() == 401 }
        return moment
    }
}
