import EventLoop
import WireProtocols

/// A connection to Redis for commands, kept up by itself. It belongs to one loop and is only touched there.
///
/// Commands of one turn are encoded into one buffer and written once at its end; replies come back in order.
///
///     connection.send { writer in
///         writer.command(2)
///         writer.bulk("GET")
///         writer.bulk(key)
///     } completion: { result in
///         …
///     }
///
/// A command that is not answered within its deadline ends the connection: with a reply missing, no later one could be
/// told apart. Every command in flight then fails with an error that says whether the server may have seen it.
/// A connection lives until `close()`, which comes before the end of its loop: a loop that stops leaves commands that
/// wait for a connection without an answer.
public final class RedisConnection {
    /// What becomes of a command that is sent while there is no connection.
    public enum WhenDown: Sendable {
        /// It fails at once as `unavailable`.
        case fail
        /// It waits for a connection until its deadline.
        case wait
    }

    /// The loop that the connection belongs to.
    public let loop: EventLoop

    /// Told when commands begin to be carried out (true) and when they no longer are (false).
    public var stateChanged: ((_ isReady: Bool) -> Void)?

    /// Made known to the server whenever there is a connection again, before anything else is sent: calls of these keep
    /// their order but where somebody empties the server's cache of scripts.
    public var scripts: [RedisScript] = []

    private let link: RedisLink
    private let commandMilliseconds: UInt64
    private var pipeline = RedisPipeline()
    private var waiting = WaitingCommands()
    /// Runs from `start()` to `close()`.
    private var deadlineTimer: LoopTimer?

    /// A connection that is not begun yet. Loop-only.
    public init(_ configuration: RedisConfiguration, on loop: EventLoop) {
        loop.assertCurrent()
        self.loop = loop
        link = RedisLink(configuration, on: loop)
        commandMilliseconds = configuration.commandMilliseconds
        link.owner = self
        loop.addTickEnd(self)
    }

    /// Whether commands sent now go to the server.
    public var isReady: Bool { link.isReady }

    /// Why there is no connection, or why there was none the last time.
    public var lastFailure: String { link.lastFailure }

    /// Connects, and from then on stays connected. Loop-only.
    public func start() {
        loop.assertCurrent()
        guard deadlineTimer == nil else { return }
        let period = RedisLimits.deadlineCheckMilliseconds
        deadlineTimer = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [weak self] in
            self?.checkDeadlines()
        }
        link.start()
    }

    /// Ends the connection for good; what is in flight fails. Loop-only.
    public func close() {
        loop.assertCurrent()
        deadlineTimer?.cancel()
        deadlineTimer = nil
        link.close()
        for command in waiting.removeAll() {
            command.completion(.failure(RedisError(.unavailable, link.lastFailure)))
        }
    }

    /// Sends the one command that `encode` writes. Loop-only.
    ///
    /// - Parameters:
    ///   - timeoutMilliseconds: until the reply; nil: as configured.
    ///   - encode: called before `send` returns; it must not send itself.
    ///   - completion: called exactly once; before `send` returns only where nothing is sent.
    public func send(
        whenDown: WhenDown = .fail, timeoutMilliseconds: UInt64? = nil, _ encode: (inout RESPWriter) -> Void,
        completion: @escaping RedisCompletion
    ) {
        loop.assertCurrent()
        let deadline = loop.now + (timeoutMilliseconds ?? commandMilliseconds)
        if link.isReady {
            guard pipeline.hasRoom else {
                return completion(.failure(RedisError(.overloaded, "too many commands in flight")))
            }
            pipeline.append(deadline: deadline, completion: completion, encode: encode)
        } else if whenDown == .fail || deadlineTimer == nil {
            completion(.failure(RedisError(.unavailable, link.lastFailure)))
        } else if !waiting.append(deadline: deadline, completion: completion, encode: encode) {
            completion(.failure(RedisError(.overloaded, "too many commands wait for a connection")))
        }
    }

    private func checkDeadlines() {
        let now = loop.now
        for command in waiting.removeOverdue(now: now) {
            command.completion(.failure(RedisError(.timedOut(written: false), link.lastFailure)))
        }
        if pipeline.isOverdue(now: now) {
            link.abandon("no reply within the deadline of a command")
        }
    }

    private func flush() {
        guard pipeline.hasUnsent, link.isReady, link.queuedBytes < RedisLimits.transportQueueBytes else { return }
        link.write(pipeline.takeUnsent())
    }
}

extension RedisConnection: TickEndTask {
    /// Writes the commands of the turn.
    public func tickEnded() { flush() }
}

extension RedisConnection: RedisLinkOwner {
    func linkBecameReady() {
        for script in scripts {
            pipeline.append(deadline: loop.now + commandMilliseconds) { _ in
                // Where it is refused (a server with other rights) the source goes along with the first call.
            } encode: { writer in
                writer.command(3)
                writer.bulk("SCRIPT")
                writer.bulk("LOAD")
                writer.bulk(script.source)
            }
        }
        for command in waiting.removeAll() {
            guard pipeline.hasRoom else {
                command.completion(.failure(RedisError(.overloaded, "too many commands in flight")))
                continue
            }
            pipeline.append(deadline: command.deadline, completion: command.completion) {
                $0.append(encoded: command.bytes)
            }
        }
        stateChanged?(true)
    }

    func linkReceived(_ reply: RESPReply) {
        guard let command = pipeline.popAnswered() else {
            return link.abandon("a reply that nobody asked for")
        }
        if reply.kind == .error {
            command.completion(.failure(RedisError(serverText: reply.string)))
        } else {
            command.completion(.success(reply))
        }
    }

    func linkDrained() { flush() }

    func linkLost(_ cause: String) {
        let now = loop.now
        for (command, wasWritten) in pipeline.removeAll() {
            let code: RedisError.Code =
                command.deadline <= now ? .timedOut(written: wasWritten) : .connectionLost(written: wasWritten)
            command.completion(.failure(RedisError(code, cause)))
        }
        stateChanged?(false)
    }
}
