import EventLoop
import Synchronization
import WireProtocols

/// A Redis connection for async code on any thread; each call hops onto the connection's loop once.
///
/// For start-up, REST and background work. What runs per message uses `RedisConnection` on its loop.
public struct RedisClient: Sendable {
    private let connection: LoopBound<RedisConnection>

    /// A client over a connection that lives on `connection.loop`, which others may use as well.
    public init(_ connection: LoopBound<RedisConnection>) { self.connection = connection }

    /// Makes a connection on `loop` and begins to connect.
    ///
    /// - Throws: `RedisError` (`unavailable`) where the loop has stopped.
    public static func start(_ configuration: RedisConfiguration, on loop: EventLoop) async throws(RedisError)
        -> RedisClient
    {
        do {
            return try await loop.submit {
                let connection = RedisConnection(configuration, on: loop)
                connection.start()
                return RedisClient(LoopBound(connection, on: loop))
            }
        } catch {
            throw RedisError(.unavailable, "\(error)")
        }
    }

    /// Sends one command, its name first; while there is no connection it waits for one, unless told otherwise.
    ///
    /// - Throws: `RedisError`, for a reply that is an error as well.
    public func command(
        _ arguments: [[UInt8]], whenDown: RedisConnection.WhenDown = .wait, timeoutMilliseconds: UInt64? = nil
    ) async throws(RedisError) -> RESPValue {
        try await call { connection, completion in
            connection.send(whenDown: whenDown, timeoutMilliseconds: timeoutMilliseconds) {
                $0.command(arguments)
            } completion: {
                completion($0)
            }
        }
    }

    /// Sends one command of text, its name first; as `command(_:whenDown:timeoutMilliseconds:)`.
    public func command(
        _ arguments: String..., whenDown: RedisConnection.WhenDown = .wait, timeoutMilliseconds: UInt64? = nil
    ) async throws(RedisError) -> RESPValue {
        try await command(
            arguments.map { [UInt8]($0.utf8) }, whenDown: whenDown, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Runs a script, by its digest where the server knows it.
    ///
    /// - Throws: `RedisError`, for a reply that is an error as well.
    public func eval(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]], whenDown: RedisConnection.WhenDown = .wait,
        timeoutMilliseconds: UInt64? = nil
    ) async throws(RedisError) -> RESPValue {
        try await call { connection, completion in
            connection.eval(
                script, keys: keys.count, arguments: arguments.count, whenDown: whenDown,
                timeoutMilliseconds: timeoutMilliseconds
            ) { writer in
                for part in keys {
                    writer.bulk(part)
                }
                for part in arguments {
                    writer.bulk(part)
                }
            } completion: {
                completion($0)
            }
        }
    }

    /// Ends the connection for good.
    public func close() {
        connection.loop.execute { [connection] in connection.value.close() }
    }

    private func call(
        _ start: @escaping @Sendable (RedisConnection, @escaping RedisCompletion) -> Void
    ) async throws(RedisError) -> RESPValue {
        let result = await withCheckedContinuation { continuation in
            let answer = PendingAnswer(continuation)
            connection.loop.execute { [connection] in
                start(connection.value) { answer.give($0.map { $0.copied() }) }
            }
        }
        return try result.get()
    }
}

/// The caller who waits for a reply. A loop that has stopped drops what it is given: then the caller is told when this
/// object goes, instead of waiting for ever.
private final class PendingAnswer: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result<RESPValue, RedisError>, Never>?>

    init(_ continuation: CheckedContinuation<Result<RESPValue, RedisError>, Never>) {
        self.continuation = Mutex(continuation)
    }

    func give(_ result: Result<RESPValue, RedisError>) {
        continuation.withLock { $0.take() }?.resume(returning: result)
    }

    deinit { give(.failure(RedisError(.unavailable, "the connection's loop has stopped"))) }
}
