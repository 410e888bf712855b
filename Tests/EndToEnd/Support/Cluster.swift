import Foundation
import Support
import Synchronization

/// A Shoot of its own: gateways and a persister, each a process, on databases that nothing else uses.
///
///     try await Cluster.run { cluster in
///         let users = try await cluster.signUp(2)
///         let room = try await cluster.makeRoom(users)
///         let client = try await cluster.connect(users[0], gateway: 1)
///         …
///     }
final class Cluster: Sendable {
    let gateways: [ShootProcess]
    /// What its processes were started with.
    let environment: [String: String]
    /// What holds up those processes that the test named; nil where it named none.
    let proxies: StoreProxies?
    private let runningPersister: Mutex<ShootProcess>
    private let furtherProcesses = Mutex<[ShootProcess]>([])
    private let users = Atomic<Int>(0)

    /// The one of all tests that neither stop parts of it nor put load on it. It ends with the test process.
    static var shared: Cluster {
        get async throws { try await starting.value }
    }

    /// Deliveries that wait for their ACK on a subscription of the shared cluster: few, so that a test reaches it.
    static let prefetch = 4

    /// Between heart-beats of the shared cluster, ms: short, since a test waits for one.
    static let heartBeat = 1000

    private static let starting = Task.detached {
        try await start(
            gateways: 2,
            settings: [
                "SHOOT_STOMP_PREFETCH": "\(prefetch)", "SHOOT_STOMP_HEARTBEAT_MILLISECONDS": "\(heartBeat)",
            ])
    }

    /// One more, whose first gateway talks to its stores through proxies: for tests that hold it up, one after the other.
    static var proxied: Cluster {
        get async throws { try await startingProxied.value }
    }

    private static let startingProxied = Task.detached {
        try await start(gateways: 2, settings: [:], proxied: [.gateway(0)])
    }

    /// A process that the cluster is started with.
    enum Part: Hashable, Sendable {
        case gateway(Int)
        case persister
    }

    /// Runs `body` with a cluster that is stopped at its end, however it ends.
    /// - Parameters:
    ///   - ids: what the gateways are named; nil: by their numbers.
    ///   - proxied: those that talk to the stores through `proxies`.
    static func run(
        gateways: Int = 2, ids: [String]? = nil, settings: [String: String] = [:], proxied: Set<Part> = [],
        _ body: (Cluster) async throws -> Void
    ) async throws {
        let cluster = try await start(gateways: gateways, ids: ids, settings: settings, proxied: proxied)
        do {
            try await body(cluster)
        } catch {
            await cluster.stop()
            throw Failed(what: "\(error)", output: cluster.logs)
        }
        await cluster.stop()
    }

    /// The settings of processes that work on databases of their own, which have their schemas.
    static func freshEnvironment() async throws -> [String: String] {
        let databases = try await TestServers.shared.freshDatabases()
        let environment = databases.environment.merging(["SHOOT_AUTH_BCRYPT_COST": "4"]) { $1 }
        let migration = try await ShootProcess.run(["migrate"], environment: environment)
        guard migration.succeeded else { throw Failed(what: "shoot migrate", output: migration.output) }
        return environment
    }

    private static func start(
        gateways count: Int, ids: [String]? = nil, settings: [String: String], proxied: Set<Part> = []
    ) async throws -> Cluster {
        let environment = try await freshEnvironment().merging(settings) { $1 }
        let proxies = proxied.isEmpty ? nil : try StoreProxies.start(before: environment)
        func surroundings(of part: Part) -> [String: String] {
            proxied.contains(part) ? proxies?.redirect(environment) ?? environment : environment
        }
        let persisterSurroundings = surroundings(of: .persister)
        async let persister = ShootProcess.start(["persister"], environment: persisterSurroundings)
        var gateways: [ShootProcess] = []
        for number in 0..<count {
            let name = ["SHOOT_GATEWAY_ID": ids?[number] ?? "gateway-\(number + 1)"]
            let surroundings = surroundings(of: .gateway(number)).merging(name) { $1 }
            gateways.append(try await ShootProcess.start(["gateway"], environment: surroundings))
        }
        return Cluster(
            gateways: gateways, persister: try await persister, environment: environment, proxies: proxies)
    }

    private init(
        gateways: [ShootProcess], persister: ShootProcess, environment: [String: String], proxies: StoreProxies?
    ) {
        self.gateways = gateways
        self.environment = environment
        self.proxies = proxies
        runningPersister = Mutex(persister)
    }

    /// What a test needs and that failed, with what the processes wrote about it.
    struct Failed: Error, CustomStringConvertible {
        let what: String
        let output: String

        var description: String { "\(what) failed:\n\(output)" }
    }

    /// The persister that runs, or ran last.
    var persister: ShootProcess { runningPersister.withLock { $0 } }

    /// The Redis database that its processes use.
    var redisURL: String { environment["SHOOT_REDIS_URL"] ?? "" }

    /// Starts another persister, in the place of one that has ended.
    func restartPersister() async throws {
        let started = try await ShootProcess.start(["persister"], environment: environment)
        runningPersister.withLock { $0 = started }
    }

    /// Takes everything out of Redis, so that all rooms are only in MongoDB. Nothing may be under way.
    func forgetInRedis() async throws {
        let redis = try await redis()
        try await blocking { _ = try redis.call("FLUSHDB") }
    }

    /// Starts one more persister, beside the one that runs, and on the stores themselves.
    func addPersister() async throws -> ShootProcess {
        let started = try await ShootProcess.start(["persister"], environment: environment)
        furtherProcesses.withLock { $0.append(started) }
        return started
    }

    /// A hand on the cluster's Redis.
    func redis() async throws -> RedisConsole {
        let url = environment["SHOOT_REDIS_URL"] ?? ""
        return try await blocking { try RedisConsole(url: url) }
    }

    private var processes: [ShootProcess] { gateways + [persister] + furtherProcesses.withLock { $0 } }

    /// The last lines of all processes.
    private var logs: String {
        processes.flatMap(\.lastLines).joined(separator: "\n")
    }

    /// All at once and without grace: the tests of draining stop processes themselves.
    private func stop() async {
        for process in processes {
            try? await process.kill()
        }
        proxies?.close()
    }
}

/// What users do over HTTP.
extension Cluster {
    /// A request to one of the gateways.
    func request(
        _ method: String, _ path: String, as user: Account? = nil, json: [String: Any]? = nil, gateway: Int = 0
    ) async throws -> HTTPAnswer {
        let body = try json.map { Array(try JSONSerialization.data(withJSONObject: $0)) }
        let client = http(gateway)
        return try await blocking {
            try client.request(
                method, path, token: user?.token,
                headers: body == nil ? [] : [("Content-Type", "application/json")], body: body ?? [])
        }
    }

    /// A client of one of the gateways.
    func http(_ gateway: Int = 0) -> HTTPClient {
        HTTPClient(port: gateways[gateway].httpPort, timeout: .seconds(30))
    }

    /// Signs up new users, side by side over all gateways.
    func signUp(_ count: Int) async throws -> [Account] {
        try await withThrowingTaskGroup(of: Account.self) { group in
            for _ in 0..<count {
                group.addTask { try await self.signUp() }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.id < $1.id }
        }
    }

    private func signUp() async throws -> Account {
        let number = users.wrappingAdd(1, ordering: .relaxed).newValue
        let (username, nickname, password) = ("user-\(number)", "User \(number)", "password of \(number)")
        let answer = try await request(
            "POST", "/api/v1/auth/signup",
            json: ["username": username, "password": password, "nickname": nickname],
            gateway: number % gateways.count)
        let data = answer.json["data"]
        guard answer.status == 201, let id = data["user"]["id"].int, let token = data["accessToken"].string else {
            throw Failed(what: "signup", output: "\(answer.status) \(answer.text)")
        }
        return Account(id: id, username: username, nickname: nickname, password: password, token: token)
    }

    /// Makes a group room of these users, whose owner is the first, and gives its id.
    func makeRoom(_ members: [Account], title: String = "Room") async throws -> String {
        let answer = try await request(
            "POST", "/api/v1/chatrooms", as: members[0],
            json: ["type": "GROUP", "title": title, "participantIds": members.dropFirst().map(\.id)])
        guard answer.status == 201, let id = answer.json["data"]["id"].string else {
            throw Failed(what: "making a room", output: "\(answer.status) \(answer.text)")
        }
        return id
    }

    /// All of a room's history, oldest first, page by page.
    func history(of room: String, as user: Account, gateway: Int = 0) async throws -> [ChatMessage] {
        var messages: [ChatMessage] = []
        var cursor: Int? = 0
        while let after = cursor {
            let answer = try await request(
                "GET", "/api/v1/chatrooms/\(room)/messages?after=\(after)&limit=100", as: user, gateway: gateway)
            guard answer.status == 200 else {
                throw Failed(what: "reading history", output: "\(answer.status) \(answer.text)")
            }
            let page = answer.json["data"]
            messages += page["items"].array.compactMap { ChatMessage($0) }
            cursor = page["nextCursor"].int
        }
        return messages
    }

    /// Waits until MongoDB has everything up to `seq`.
    func awaitStored(upTo seq: Int, in room: String, as user: Account, gateway: Int = 0) async throws {
        try await eventually("MongoDB has all up to \(seq)") {
            let answer = try await request("GET", "/api/v1/chatrooms/\(room)", as: user, gateway: gateway)
            return answer.json["data"]["lastSeq"].int == seq ? () : nil
        }
    }

    /// Opens a STOMP session.
    func connect(_ user: Account, gateway: Int = 0) async throws -> ChatClient {
        let port = gateways[gateway].httpPort
        let stomp = try await blocking { try StompClient.connect(port: port, token: user.token) }
        return ChatClient(user: user, stomp: stomp)
    }
}
