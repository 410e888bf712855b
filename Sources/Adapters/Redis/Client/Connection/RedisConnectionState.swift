/// The life of one connection to Redis, without I/O: connect, handshake, ready, lost, back off, connect again.
///
/// Each method takes what happened and returns what is to be done about it. The handshake is one pipeline, `AUTH`,
/// `SELECT`, `CLIENT SETNAME` as configured, and `PING`, which a server that is still loading its data refuses: a
/// connection is ready when commands will be carried out.
struct RedisConnectionState: Sendable {
    /// A command of the handshake.
    enum Step: Equatable, Sendable {
        case authenticate, selectDatabase, setName, ping
    }

    /// What to do next.
    enum Action: Equatable, Sendable {
        case nothing
        /// Open a transport, then call `transportOpened` or `transportLost`.
        case connect
        /// Send these commands in one write and hand in the replies.
        case sendHandshake([Step])
        /// Tell the owner that commands may be sent.
        case becomeReady
        /// Close the transport, for the server refused this step, then call `transportLost`.
        case giveUp(Step)
        /// Call `backoffElapsed` after so many milliseconds. `wasReady`: the owner was told so before.
        case retry(afterMilliseconds: UInt64, wasReady: Bool)
    }

    private enum Phase: Equatable {
        case idle, connecting, backingOff, closed
        case handshaking(answered: Int)
        case ready(since: UInt64)
    }

    private let steps: [Step]
    private var phase = Phase.idle
    private var failures: UInt64 = 0

    /// The life of a connection as `configuration` wants it.
    init(_ configuration: RedisConfiguration) {
        var steps: [Step] = []
        if configuration.password != nil {
            steps.append(.authenticate)
        }
        if configuration.database != 0 {
            steps.append(.selectDatabase)
        }
        if !configuration.clientName.isEmpty {
            steps.append(.setName)
        }
        self.steps = steps + [.ping]
    }

    /// Whether commands may be sent.
    var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    /// The owner wants to be connected from now on.
    mutating func start() -> Action {
        guard phase == .idle else { return .nothing }
        phase = .connecting
        return .connect
    }

    /// The transport is open (TLS included).
    mutating func transportOpened() -> Action {
        guard phase == .connecting else { return .nothing }
        phase = .handshaking(answered: 0)
        return .sendHandshake(steps)
    }

    /// A reply to the next command of the handshake came at `now` (ms).
    mutating func handshakeAnswered(isError: Bool, now: UInt64) -> Action {
        guard case .handshaking(let answered) = phase else {
            preconditionFailure("cannot take a reply to a handshake when there is none")
        }
        // A name is a courtesy to the operator: managed servers forbid it, and that keeps nobody from working.
        if isError && steps[answered] != .setName {
            return .giveUp(steps[answered])
        }
        if answered + 1 < steps.count {
            phase = .handshaking(answered: answered + 1)
            return .nothing
        }
        phase = .ready(since: now)
        return .becomeReady
    }

    /// The transport could not be opened, or ended, at `now` (ms); `random` spreads the attempts of many clients.
    mutating func transportLost(now: UInt64, random: UInt64) -> Action {
        var wasReady = false
        switch phase {
        case .ready(let since):
            wasReady = true
            // A server that accepts and drops at once must not be asked every 50 ms for ever.
            if now - since >= RedisLimits.maxBackoffMilliseconds {
                failures = 0
            }
        case .connecting, .handshaking: break
        case .idle, .backingOff, .closed: return .nothing
        }
        phase = .backingOff
        defer { failures += 1 }
        return .retry(afterMilliseconds: Self.backoff(failures: failures, random: random), wasReady: wasReady)
    }

    /// The time that `retry` named is over.
    mutating func backoffElapsed() -> Action {
        guard phase == .backingOff else { return .nothing }
        phase = .connecting
        return .connect
    }

    /// The owner is done with it; nothing follows.
    mutating func close() { phase = .closed }

    /// Milliseconds to wait after `failures` attempts failed: 50, 100, 200 … 2,000, less up to a half at random.
    static func backoff(failures: UInt64, random: UInt64) -> UInt64 {
        let doublings = min(failures, 16)
        let whole = min(RedisLimits.firstBackoffMilliseconds << doublings, RedisLimits.maxBackoffMilliseconds)
        return whole - random % (whole / 2 + 1)
    }
}
