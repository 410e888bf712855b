import Application
import Bytes
import Glibc
import Domain
import Launcher
import Mongo
import Postgres
import Security

/// A Shoot of the suite's own: stores, gateways and a persister, each on the core that it is to have.
///
/// Gateways run on core 0; all others share core 1 with the load tool.
final class BenchStack {
    let stack: Stack
    private let folder: String
    private let binary: String
    private var processes: [ChildProcess] = []
    private(set) var gateways: [Gateway] = []
    private(set) var persister: ChildProcess?
    private var lastUser: Int64 = 0
    private let authority: TokenAuthority
    private let mongo: MongoClientPool
    private let postgres: PostgresPool
    private var nextID: UInt32 = 0

    /// A gateway's process and where it listens.
    struct Gateway {
        let process: ChildProcess
        let port: UInt16

        var url: String { "ws://127.0.0.1:\(port)/ws/chat" }
    }

    static let gatewayCore = 0
    static let otherCore = 1
    /// Signs tokens that no other Shoot accepts.
    private static let secret = "shoot-bench-key-that-signs-nothing-else"

    /// Starts the stores, empty, and makes the schemas.
    init() throws {
        binary = try BenchStack.sibling("shoot")
        folder = try TemporaryFolder.make(prefix: "shoot-bench-")
        stack = try Stack.start(in: StateFolder(folder + "/stores"), ports: .free(), environment: [:])
        authority = TokenAuthority(
            keys: try SigningKeys(
                "bench:" + String(decoding: Base64.encode(Array(BenchStack.secret.utf8)), as: UTF8.self)))
        mongo = try MongoClientPool(MongoConfiguration(uri: stack.mongoURL, threads: 8))
        postgres = PostgresPool(PostgresConfiguration(url: stack.postgresURL, connections: 2))
        let migration = try launch("migrate", ["migrate"], core: BenchStack.otherCore)
        guard case .exited(0)? = migration.waitForExit(within: .seconds(60)) else {
            throw BenchError.failed("shoot migrate failed: \(migration.logTail.joined(separator: " "))")
        }
    }

    /// An executable that was built beside this one.
    static func sibling(_ name: String) throws(BenchError) -> String {
        let own = ExecutablePath.own().split(separator: "/").dropLast().map(String.init)
        let path = "/" + (own + [name]).joined(separator: "/")
        guard TextFile.isThere(path) else { throw .failed("\(path) is missing: build it in release mode (make build)") }
        return path
    }

    /// Starts gateways on core 0, each with one loop, and a persister.
    func start(gateways count: Int = 1, persister: Bool = true, settings: [String: String] = [:]) throws {
        for number in 1...count {
            let port = try LoopbackPort.free()
            let own = ["SHOOT_GATEWAY_ID": "gateway-\(number)", "SHOOT_HTTP_PORT": "\(port)"]
            let process = try launch(
                "gateway-\(number)", ["gateway"], core: BenchStack.gatewayCore, own.merging(settings) { $1 })
            gateways.append(Gateway(process: process, port: port))
        }
        if persister {
            try startPersister(settings: settings)
        }
        for gateway in gateways {
            try gateway.process.waitUntilReady { () throws(LauncherError) in
                HTTPProbe.status(port: gateway.port, path: "/health/ready") == 200
            }
        }
    }

    func startPersister(settings: [String: String] = [:]) throws {
        let port = try LoopbackPort.free()
        let own = ["SHOOT_PERSISTER_HTTP_PORT": "\(port)"]
        persister = try launch(
            "persister", ["persister"], core: BenchStack.otherCore, own.merging(settings) { $1 })
    }

    /// A file in the folder that goes when the suite ends.
    func file(_ name: String) -> String { "\(folder)/\(name)" }

    /// Ends gateways and persister.
    func stopProcesses() {
        for process in processes {
            process.terminate(grace: .zero)
        }
        processes = []
        gateways = []
        persister = nil
    }

    /// Ends everything.
    func stop() async {
        stopProcesses()
        await mongo.shutdown()
        await postgres.close()
        stack.kill()
    }

    /// New users, with a token for each.
    func users(_ count: Int) async throws -> [(id: UserID, token: String)] {
        let first = lastUser + 1
        lastUser += Int64(count)
        let insert = PostgresStatement(
            "bench_users",
            """
            INSERT INTO users (username, nickname, password_hash, user_code, created_at)
            SELECT 'bench-' || n, 'Bench ' || n, '-', 'B' || n, now() FROM generate_series($1::bigint, $2::bigint) AS n
            """)
        try await postgres.execute(insert, [.int64(first), .int64(lastUser)])
        let now = BenchStack.wallClock
        guard let nickname = Nickname("Bench"), let code = UserCode("BENCH00000") else {
            preconditionFailure("cannot name the users of a benchmark")
        }
        return (first...lastUser).compactMap { id in
            Username("bench-\(id)").map { name in
                let user = User(
                    id: UserID(rawValue: id), username: name, nickname: nickname, userCode: code, createdAt: now)
                return (user.id, authority.accessToken(for: user, now: now))
            }
        }
    }

    /// A room for each list of members.
    func rooms(_ members: [[UserID]]) async throws -> [String] {
        var ids: [RoomID] = []
        for _ in members {
            nextID += 1
            ids.append(ObjectID(seconds: UInt32(BenchStack.wallClock.milliseconds / 1000), process: 7, counter: nextID))
        }
        let store = MongoRoomStore(mongo)
        try await withThrowingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask { [ids] in
                    for index in stride(from: worker, to: ids.count, by: 8) {
                        _ = try await store.createGroup(
                            id: ids[index], title: "Bench", owner: members[index][0],
                            participantIDs: members[index], at: BenchStack.wallClock)
                    }
                }
            }
            try await group.waitForAll()
        }
        return ids.map(\.hex)
    }

    /// Waits until the persister has stored all of these rooms and ended what is under way.
    func settle(_ rooms: [String]) async throws {
        guard persister != nil, let redis = stack.redis else { return }
        for _ in 0..<600 {
            if try RedisProbe.readyRooms(port: redis.port) == 0 { return }
            usleep(100_000)
        }
        throw BenchError.failed("the persister does not come to an end")
    }

    private static var wallClock: Timestamp { Timestamp(milliseconds: WallClock.milliseconds) }

    private func launch(
        _ name: String, _ arguments: [String], core: Int, _ settings: [String: String] = [:]
    ) throws(LauncherError) -> ChildProcess {
        let common = [
            "SHOOT_JWT_KEYS": "bench:\(BenchStack.secret)", "SHOOT_LOOPS": "1", "SHOOT_LOG_LEVEL": "warning",
            "SHOOT_HTTP_MAX_CONNECTIONS": "19800", "SHOOT_ROOMS_BACKLOG_LIMIT": "1000000",
            "SHOOT_STOMP_HEARTBEAT_MILLISECONDS": "0", "SHOOT_AUTH_BCRYPT_COST": "4",
        ]
        let environment = stack.environment.merging(common) { $1 }.merging(settings) { $1 }
        let process = try ChildProcess.start(
            name, executable: try Tool.find("taskset"), arguments: ["-c", "\(core)", binary] + arguments,
            environment: environment, logFile: "\(folder)/\(name).log")
        processes.append(process)
        return process
    }
}
