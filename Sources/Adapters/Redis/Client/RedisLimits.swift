/// The limits of the Redis client, each with its unit and reason.
public enum RedisLimits {
    /// Commands of one connection that wait for their replies. Redis answers some 100,000 a second, so more than this
    /// would not be answered within a deadline anyway once it has stalled.
    public static let commandsInFlight = 65_536

    /// Bytes of encoded commands that wait to be handed to the socket: what a stalled server may cost in memory.
    public static let pipelineBytes = 32 * 1024 * 1024

    /// Bytes that the socket may have queued before the pipeline is kept back. What is kept back was certainly never
    /// sent, which is worth more to its callers than being a little earlier in the kernel.
    public static let transportQueueBytes = 1024 * 1024

    /// Commands that wait for a connection, by wish of their callers.
    public static let waitingCommands = 8_192

    /// Bytes of the commands that wait for a connection.
    public static let waitingBytes = 8 * 1024 * 1024

    /// Milliseconds from sending a command to giving up on its reply, where the caller says nothing else.
    public static let commandMilliseconds: UInt64 = 5_000

    /// Milliseconds to establish a connection, and again as much for its handshake.
    public static let connectMilliseconds: UInt64 = 5_000

    /// Milliseconds between looks at the deadlines: they are met to this precision.
    public static let deadlineCheckMilliseconds: UInt64 = 100

    /// Milliseconds before the first attempt to reconnect; doubled for each that fails.
    public static let firstBackoffMilliseconds: UInt64 = 50

    /// Milliseconds that attempts to reconnect are apart at most: soon enough after a restart, seldom enough for a
    /// server that a hundred gateways wait for.
    public static let maxBackoffMilliseconds: UInt64 = 2_000

    /// Subscription commands without their confirmation. Restoring 100,000 channels goes in slices of this many, so that
    /// messages of those restored already get through between them.
    public static let subscriptionsInFlight = 1_024

    /// Milliseconds before a shard's channel that could not be subscribed to is tried again: a pass over all shards finds
    /// meanwhile what its rings would tell.
    public static let resubscribeMilliseconds: UInt64 = 1_000

    /// Rooms that are looked at in one turn where rings may have been missed: with 100,000 open ones, live messages go out
    /// between them.
    public static let roomsPerRinging = 1_024

    /// Milliseconds that limits on users are asked for: past it one goes on without them.
    public static let ledgerMilliseconds: UInt64 = 1_000

    /// Milliseconds that an account's next login waits at most: somebody else's guesses slow its owner down, and never
    /// shut them out.
    public static let accountWaitMilliseconds = 60_000

    /// Milliseconds that an address' next login waits at most.
    public static let addressWaitMilliseconds = 900_000

    /// Milliseconds after which failed logins are forgotten: more than the longest wait.
    public static let attemptsMilliseconds = 1_800_000

    /// Milliseconds between the probes of a subscription connection.
    public static let probeMilliseconds: UInt64 = 1_000

    /// Probes missed one after the other until the connection is given up.
    public static let missedProbes = 3

    /// Milliseconds that a probe's stream outlives its process: well over what a stopped one may be away.
    public static let probeLifetimeMilliseconds: UInt64 = 60_000

    /// Of the server's memory limit, the share from which new messages are refused: what is left is for storing and
    /// acknowledging what was accepted.
    public static let memoryGuardPercent: UInt64 = 80

    /// Milliseconds between looks at the server's memory.
    public static let monitorMilliseconds = 1000
}
