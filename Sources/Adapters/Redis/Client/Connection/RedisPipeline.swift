import WireProtocols

/// What is called once with the reply to a command, on the connection's loop. The reply is valid during the call only;
/// a reply of kind `error` comes as a failure.
public typealias RedisCompletion = (Result<RESPReply, RedisError>) -> Void

/// A command that waits for its reply.
struct PendingCommand {
    /// When to give up on it (ms of the loop's clock).
    let deadline: UInt64
    /// Where it ends in the stream of bytes that goes over one connection.
    let end: UInt64
    let completion: RedisCompletion
}

/// The commands of one connection that have no reply yet: encoded one after the other, handed over together, answered
/// in order (Redis, "Pipelining").
struct RedisPipeline {
    /// The earliest deadline there may be; never later than the earliest there is.
    private(set) var earliestDeadline = UInt64.max

    private var writer = RESPWriter()
    private var pending = FIFO<PendingCommand>()
    private var handedOver: UInt64 = 0

    /// Whether there are commands that were not handed over yet.
    var hasUnsent: Bool { writer.count > 0 }

    /// Whether one more command is within the limits.
    var hasRoom: Bool {
        pending.count < RedisLimits.commandsInFlight && writer.count < RedisLimits.pipelineBytes
    }

    /// Appends the one command that `encode` writes.
    mutating func append(deadline: UInt64, completion: @escaping RedisCompletion, encode: (inout RESPWriter) -> Void) {
        let before = writer.commandCount
        encode(&writer)
        precondition(
            writer.commandCount == before + 1 && writer.missingArguments == 0,
            "cannot match replies when a call encodes other than one whole command")
        earliestDeadline = min(earliestDeadline, deadline)
        pending.append(
            PendingCommand(deadline: deadline, end: handedOver + UInt64(writer.count), completion: completion))
    }

    /// Takes what is to be written to the transport now.
    mutating func takeUnsent() -> [UInt8] {
        let bytes = writer.take()
        handedOver += UInt64(bytes.count)
        return bytes
    }

    /// Takes out the command that the next reply belongs to; nil if none is waiting.
    mutating func popAnswered() -> PendingCommand? { pending.popFirst() }

    /// Whether a command has waited past its deadline at `now`.
    mutating func isOverdue(now: UInt64) -> Bool {
        guard now >= earliestDeadline else { return false }
        earliestDeadline = .max
        pending.forEach { earliestDeadline = min(earliestDeadline, $0.deadline) }
        return now >= earliestDeadline
    }

    /// Empties the pipeline, for its connection is lost: each command with whether the server may have it.
    mutating func removeAll() -> [(command: PendingCommand, wasWritten: Bool)] {
        defer { self = RedisPipeline() }
        return pending.removeAll().map { ($0, $0.end <= handedOver) }
    }
}
