import EventLoop
import Launcher
import Redis
import Support
import WireProtocols

/// A Redis that one test has for itself: to be killed, paused and reconfigured.
struct OwnRedis: Sendable {
    let folder: String
    let port: UInt16

    init() throws {
        folder = try TestFolder.makeFolder("redis")
        port = try LoopbackPort.free()
    }

    var configuration: RedisConfiguration {
        RedisConfiguration(endpoint: HostPort(host: "127.0.0.1", port: port))
    }

    /// Starts it, or starts it again on its data.
    func start() async throws -> RedisServer {
        try await blocking { [self] in try RedisServer.start(folder: folder, port: port) }
    }

    /// Kills it, or does nothing where it has been killed.
    static func kill(_ server: RedisServer) async throws {
        try await blocking { server.kill() }
    }
}

/// A Redis, started, and a loop for the length of `body`.
func withRedis<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: (OwnRedis, RedisServer, EventLoop) async throws -> Value
) async throws -> Value {
    let redis = try OwnRedis()
    let server = try await redis.start()
    let outcome: Result<Value, any Error>
    do {
        outcome = .success(try await withLoop { loop in try await body(redis, server, loop) })
    } catch {
        outcome = .failure(error)
    }
    try await OwnRedis.kill(server)
    return try outcome.get()
}

/// A loop for the length of `body`.
func withLoop<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: (EventLoop) async throws -> Value
) async throws -> Value {
    let loop = try EventLoop.start(name: "redis-test")
    let outcome: Result<Value, any Error>
    do {
        outcome = .success(try await body(loop))
    } catch {
        outcome = .failure(error)
    }
    await loop.stop()
    return try outcome.get()
}

/// What came of a command, with the reply copied.
typealias Outcome = Result<RESPValue, RedisError>

/// A connection on a loop, and what was seen of it.
struct TestConnection: Sendable {
    let bound: LoopBound<RedisConnection>
    /// Each change of its state.
    let states: Observed<[Bool]>

    static func start(_ configuration: RedisConfiguration, on loop: EventLoop) async throws -> TestConnection {
        let states = Observed<[Bool]>([])
        let bound = try await loop.submit {
            let connection = RedisConnection(configuration, on: loop)
            connection.stateChanged = { isReady in states.update { $0.append(isReady) } }
            connection.start()
            return LoopBound(connection, on: loop)
        }
        return TestConnection(bound: bound, states: states)
    }

    var client: RedisClient { RedisClient(bound) }

    /// Does something with the connection on its loop, in one turn.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (RedisConnection) -> Value) async throws -> Value {
        try await bound.loop.submit { [bound] in body(bound.value) }
    }

    func close() { client.close() }
}

extension RedisConnection {
    /// Sends a command and writes down what comes of it.
    func send(
        _ arguments: String..., whenDown: WhenDown = .fail, timeout: UInt64? = nil, into outcomes: Observed<[Outcome]>
    ) {
        send(whenDown: whenDown, timeoutMilliseconds: timeout) { writer in
            writer.command(arguments.map { Array($0.utf8) })
        } completion: { result in
            outcomes.update { $0.append(result.map { $0.copied() }) }
        }
    }
}

extension Result where Failure == RedisError {
    /// The code of a failure.
    var code: RedisError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}

/// What a call threw, or nil.
func error(_ body: () async throws(RedisError) -> some Any) async -> RedisError? {
    do throws(RedisError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
