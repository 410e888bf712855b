import Application
import Domain
import EventLoop
import Redis
import Support
import WireProtocols

/// The sides of some loops of what is kept of users, over a Redis database of their own. All are on one loop, as if they
/// were on several gateways.
final class UserLedgerHarness: Sendable {
    /// What one of them was called with.
    enum Call: Sendable, Equatable {
        case replaced(UInt64)
        case recall(UserID)
    }

    let loop: EventLoop
    let ledgers: [LoopBound<RedisUserLedger>]
    let calls: [Observed<[Call]>]
    let client: RedisClient
    /// The part of the loops' names that is of this run.
    let boot: String
    let user = UserID(rawValue: 7)

    private init(
        loop: EventLoop, ledgers: [LoopBound<RedisUserLedger>], calls: [Observed<[Call]>], client: RedisClient,
        boot: String
    ) {
        self.boot = boot
        self.loop = loop
        self.ledgers = ledgers
        self.calls = calls
        self.client = client
    }

    static func with(
        _ count: Int = 2, sessionMilliseconds: UInt64 = 30_000,
        _ body: @Sendable (UserLedgerHarness) async throws -> Void
    ) async throws {
        let configuration = try RedisConfiguration(url: try await TestServers.shared.freshRedisURL())
        try await withLoop { loop in
            let client = try await RedisClient.start(configuration, on: loop)
            _ = try await client.command("PING")
            let calls = (0..<count).map { _ in Observed<[Call]>([]) }
            var ledgers: [LoopBound<RedisUserLedger>] = []
            // Channels are common to all databases of a server.
            let boot = String(UInt64.random(in: .min ... .max), radix: 36)
            for index in 0..<count {
                let up = Observed(false)
                let noted = calls[index]
                ledgers.append(
                    try await loop.submit {
                        let connection = RedisConnection(configuration, on: loop)
                        connection.stateChanged = { isReady in up.update { $0 = isReady } }
                        connection.start()
                        let probe = RedisChannel(Array("probe:\(UInt64.random(in: .min ... .max))".utf8))
                        let subscriber = RedisSubscriber(configuration, publisher: connection, probeChannel: probe)
                        var options = RedisUserLedger.Options(loop: "g\(index):\(boot):0")
                        options.sessions = 2
                        options.messagesPerMinute = 20
                        options.sessionMilliseconds = sessionMilliseconds
                        let ledger = RedisUserLedger(connection: connection, subscriber: subscriber, options: options)
                        ledger.onReplaced = { number in noted.update { $0.append(.replaced(number)) } }
                        ledger.onRecall = { user in noted.update { $0.append(.recall(user)) } }
                        subscriber.start()
                        return LoopBound(ledger, on: loop)
                    })
                await up.wait { $0 }
                // A call is heard only by who has subscribed.
                let channel = "users:g\(index):\(boot):0"
                while try await client.command("PUBSUB", "NUMSUB", channel).elements?.last?.integer != 1 {
                    await Task.yield()
                }
            }
            try await body(UserLedgerHarness(loop: loop, ledgers: ledgers, calls: calls, client: client, boot: boot))
        }
    }

    func note(_ session: UInt64, at ledger: Int, isNew: Bool = true) async throws -> SessionStanding {
        let user = self.user
        return try await call(ledger) { $0.note(session: session, of: user, isNew: isNew, completion: $1) }
    }

    func lot(needed: Int, at ledger: Int) async throws -> AllowanceLot {
        let user = self.user
        return try await call(ledger) { $0.takeLot(of: user, needed: needed, completion: $1) }
    }

    func giveBack(_ count: Int, of lot: AllowanceLot, at ledger: Int) async throws {
        let (user, ledgers) = (self.user, self.ledgers)
        try await loop.submit { ledgers[ledger].value.giveBack(count, of: user, minute: lot.minute) }
    }

    private func call<Value: Sendable>(
        _ index: Int,
        _ start: @escaping @Sendable (RedisUserLedger, @escaping (Result<Value, UserLedgerError>) -> Void) -> Void
    ) async throws -> Value {
        let ledger = ledgers[index]
        let result = await withCheckedContinuation { continuation in
            loop.execute { start(ledger.value) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }
}
