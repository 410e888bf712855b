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
    private let isPinned: Bool
    private var processes: [ChildProcess] = []
    /// The stores; who stops one may put another in its place.
    var redis: RedisServer?
    var mongoServer: MongoServer?
    var postgresServer: PostgresServer?
    private(set) var gateways: [Gateway] = []
    private(set) var persister: ChildProcess?
    private var lastUser: Int64 = 0
    private let authority: TokenAuthority
    private let mongo: MongoClientPool
    private let postgres: PostgresPool
    private var nextID: UInt32 = 0
    private var commands = 0

    /// A gateway's process and where it listens.
    struct Gateway {
        let process: ChildProcess
        let port: UInt16
        /// Whether it serves TLS.
        let isSecure: Bool

        var url: String { "\(isSecure ? "wss" : "ws")://127.0.0.1:\(port)/ws/chat" }

        /// May block until it is.
        func waitUntilReady() throws(LauncherError) {
            try process.waitUntilReady { () throws(LauncherError) in
                isSecure ? answersSecurely : HTTPProbe.status(port: port, path: "/health/ready") == 200
            }
        }

        private var answersSecurely: Bool {
            do {
                let run = try HTTPRun(endpoint: try Endpoint(url), paths: ["/health/ready"], tokens: ["-"])
                try run.run(rate: 1, seconds: 1)
                return run.refused == 0
            } catch {
                return false
            }
        }
    }

    static let gatewayCore = 0
    static let otherCore = 1
    /// Signs tokens that no other Shoot accepts.
    private static let secret = "shoot-bench-key-that-signs-nothing-else"

    /// Starts the stores, empty, and makes the schemas.
    /// - Parameter isPinned: whether gateways are kept on their core, as figures want it.
    init(durability: Durability = .everySecond, isPinned: Bool = true) throws {
        self.isPinned = isPinned
        binary = try BenchStack.sibling("shoot")
        folder = try TemporaryFolder.make(prefix: "shoot-bench-")
        stack = try Stack.start(
            in: StateFolder(folder + "/stores"), ports: .free(), durability: durability, environment: [:])
        (redis, mongoServer, postgresServer) = (stack.redis, stack.mongo, stack.postgres)
        authority = TokenAuthority(
            keys: try SigningKeys(["bench:" + BenchStack.secret]))
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
            gateways.append(try startGateway(number, port: try LoopbackPort.free(), settings: settings))
        }
        if persister {
            try startPersister(settings: settings)
        }
        for gateway in gateways {
            try gateway.waitUntilReady()
        }
    }

    /// Starts a gateway in the place of one that has ended, and waits until it is ready.
    func restartGateway(_ index: Int, settings: [String: String]) throws {
        gateways[index] = try startGateway(index + 1, port: gateways[index].port, settings: settings)
        try gateways[index].waitUntilReady()
    }

    private func startGateway(_ number: Int, port: UInt16, settings: [String: String]) throws -> Gateway {
        let own = ["SHOOT_GATEWAY_ID": "gateway-\(number)", "SHOOT_HTTP_PORT": "\(port)"]
        let process = try launch(
            "gateway-\(number)", ["gateway"], core: BenchStack.gatewayCore, own.merging(settings) { $1 })
        return Gateway(
            process: process, port: port, isSecure: settings.keys.contains("SHOOT_HTTP_TLS_CERTIFICATE_FILE"))
    }

    /// - Parameter name: what its log is called, where there are several.
    @discardableResult
    func startPersister(_ name: String = "persister", settings: [String: String] = [:]) throws -> ChildProcess {
        let port = try LoopbackPort.free()
        let own = ["SHOOT_PERSISTER_HTTP_PORT": "\(port)"]
        let process = try launch(name, ["persister"], core: BenchStack.otherCore, own.merging(settings) { $1 })
        persister = process
        return process
    }

    /// The processes that a message meets, the load tool among them.
    var stages: [LoadPlan.Stage] {
        let gateways = gateways.map { gateway in
            LoadPlan.Stage(
                name: gateway.process.name, pid: gateway.process.pid, core: BenchStack.gatewayCore, tellsThreads: true)
        }
        let persister = persister.map {
            LoadPlan.Stage(name: $0.name, pid: $0.pid, core: BenchStack.otherCore, tellsThreads: true)
        }
        let stores: [(name: String, process: ChildProcess?)] = [
            ("Redis", redis?.process), ("MongoDB", mongoServer?.process), ("PostgreSQL", postgresServer?.process),
        ]
        let others = stores.compactMap { store in
            store.process.map {
                LoadPlan.Stage(name: store.name, pid: $0.pid, core: BenchStack.otherCore, hasChildren: true)
            }
        }
        let loadTool = LoadPlan.Stage(name: "load tool", pid: getpid(), core: BenchStack.otherCore)
        return gateways + others + [persister, loadTool].compactMap(\.self)
    }

    /// Runs a command of `shoot` to its end; its exit status, and nil where it has not ended within half a minute. May block.
    func command(_ arguments: [String]) throws -> Int32? {
        commands += 1
        let process = try launch("command-\(commands)", arguments, core: BenchStack.otherCore)
        guard case .exited(let code)? = process.waitForExit(within: .seconds(30)) else { return nil }
        return code
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
        let stores: [(any LaunchedServer)?] = [redis, mongoServer, postgresServer]
        for store in stores {
            store?.kill()
        }
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

    /// A room for each list of members, all of one length. The product makes the first, the others are copies of it.
    func rooms(_ members: [[UserID]]) async throws -> [String] {
        var ids: [RoomID] = []
        for _ in members {
            nextID += 1
            ids.append(ObjectID(seconds: UInt32(BenchStack.wallClock.milliseconds / 1000), process: 7, counter: nextID))
        }
        _ = try await MongoRoomStore(mongo).createGroup(
            id: ids[0], title: "Bench", owner: members[0][0], participantIDs: members[0], at: BenchStack.wallClock)
        try RoomCopies(url: stack.mongoURL).make(
            like: ids[0].bytes, ids: ids.dropFirst().map(\.bytes), members: members.map { $0.map(\.rawValue) })
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
            name, executable: isPinned ? try Tool.find("taskset") : binary,
            arguments: (isPinned ? ["-c", "\(core)", binary] : []) + arguments, environment: environment,
            logFile: "\(folder)/\(name).log")
        processes.append(process)
        return process
    }
}
