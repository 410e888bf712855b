import WireProtocols

/// Commands whose callers rather wait for a connection than be refused, already encoded, in order.
struct WaitingCommands {
    struct Command {
        let bytes: [UInt8]
        let deadline: UInt64
        let completion: RedisCompletion
    }

    private var commands: [Command] = []
    private var byteCount = 0

    /// Whether there are none.
    var isEmpty: Bool { commands.isEmpty }

    /// Adds the command that `encode` writes.
    ///
    /// - Returns: whether it is within the limits; else nothing was added.
    mutating func append(
        deadline: UInt64, completion: @escaping RedisCompletion, encode: (inout RESPWriter) -> Void
    ) -> Bool {
        guard commands.count < RedisLimits.waitingCommands else { return false }
        var writer = RESPWriter()
        encode(&writer)
        precondition(writer.commandCount == 1, "cannot match replies when a call encodes other than one whole command")
        guard byteCount + writer.count <= RedisLimits.waitingBytes else { return false }
        byteCount += writer.count
        commands.append(Command(bytes: writer.take(), deadline: deadline, completion: completion))
        return true
    }

    /// Takes all out, oldest first.
    mutating func removeAll() -> [Command] {
        defer { self = WaitingCommands() }
        return commands
    }

    /// Takes out those whose deadline has passed at `now`.
    mutating func removeOverdue(now: UInt64) -> [Command] {
        let overdue = commands.filter { $0.deadline <= now }
        guard !overdue.isEmpty else { return [] }
        commands.removeAll { $0.deadline <= now }
        byteCount = commands.reduce(0) { $0 + $1.bytes.count }
        return overdue
    }
}
