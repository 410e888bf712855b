import Application
import Domain
import EventLoop
import Support
import Synchronization
import Testing

@testable import Redis

/// One gateway's and one persister's side of the room logs, over a Redis database of their own.
final class RoomLogHarness: Sendable {
    let loop: EventLoop
    let log: LoopBound<RedisRoomLog>
    let persistLog: RedisPersistLog
    let client: RedisClient
    let rings: Observed<[Ring?]>
    let room: RoomID
    private let ids = Atomic<UInt32>(0)

    private init(
        loop: EventLoop, log: LoopBound<RedisRoomLog>, persistLog: RedisPersistLog, client: RedisClient,
        rings: Observed<[Ring?]>, room: RoomID
    ) {
        self.room = room
        self.loop = loop
        self.log = log
        self.persistLog = persistLog
        self.client = client
        self.rings = rings
    }

    /// Runs `body` with both sides; without a URL, on a database of its own in the tests' common Redis.
    static func with(
        backlogLimit: UInt64 = 10_000, messagesPerMinute: UInt64 = 0, replayEntries: UInt64 = 1024,
        redisURL: String? = nil, waitReplicas: Int = 0,
        isMemoryShort: @escaping @Sendable () -> Bool = { false }, room: RoomID = newRoom(),
        persisting: (inout RedisPersistLog.Options) -> Void = { _ in },
        _ body: @Sendable (RoomLogHarness) async throws -> Void
    ) async throws {
        let url = if let redisURL { redisURL } else { try await TestServers.shared.freshRedisURL() }
        let configuration = try RedisConfiguration(url: url)
        let loop = try EventLoop.start(name: "room-log")
        let rings = Observed<[Ring?]>([])
        let (log, connection, publisher) = try await loop.submit {
            let connection = RedisConnection(configuration, on: loop)
            connection.start()
            let probe = RedisChannel(Array("probe:\(UInt64.random(in: .min ... .max))".utf8))
            let subscriber = RedisSubscriber(configuration, publisher: connection, probeChannel: probe)
            var options = RedisRoomLog.Options(gateway: "g1:b1")
            options.backlogLimit = backlogLimit
            options.isMemoryShort = isMemoryShort
            options.waitReplicas = waitReplicas
            let publisher = RedisConnection(configuration, on: loop)
            publisher.start()
            options.messagesPerMinute = messagesPerMinute
            let log = RedisRoomLog(
                connection: connection, subscriber: subscriber, publisher: publisher, shards: shards, options: options)
            log.onRing = { _, ring in rings.update { $0.append(ring) } }
            subscriber.start()
            return (LoopBound(log, on: loop), LoopBound(connection, on: loop), LoopBound(publisher, on: loop))
        }
        var options = RedisPersistLog.Options()
        options.replayEntries = replayEntries
        persisting(&options)
        let client = RedisClient(connection)
        _ = try await client.command("PING")
        _ = try await RedisClient(publisher).command("PING")
        let harness = RoomLogHarness(
            loop: loop, log: log,
            persistLog: RedisPersistLog(connection: connection, shards: shards, options: options), client: client,
            rings: rings, room: room)
        do {
            try await body(harness)
        } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
    }

    /// The id of a room that nobody else has.
    static func newRoom() -> RoomID {
        ObjectID(seconds: UInt32.random(in: 1...(.max)), process: UInt64.random(in: 0..<(1 << 40)), counter: 1)
    }

    /// Calls the log on its loop and waits for its answer.
    func call<Value: Sendable>(
        _ start: @escaping @Sendable (RedisRoomLog, @escaping (Result<Value, RoomLogError>) -> Void) -> Void
    ) async throws -> Value {
        let result = await withCheckedContinuation { continuation in
            loop.execute { [log] in start(log.value) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    func warmTicket() async throws -> WarmTicket {
        let room = self.room
        return try await call { log, done in log.warmTicket(for: room, completion: done) }
    }

    /// Puts the room into Redis with these members; without a ticket, with one of now.
    func warm(_ members: [(Int64, Role)], last: Position = .zero, ticket: WarmTicket? = nil) async throws {
        let state = WarmState(
            epoch: 1, last: last, membershipVersion: 1,
            members: members.map { .init(userID: UserID(rawValue: $0.0), role: $0.1, joinedSeq: 0) })
        let room = self.room
        let ticket = if let ticket { ticket } else { try await warmTicket() }
        try await call { log, done in log.warm(room, with: state, ticket: ticket, completion: done) }
    }

    func publish(_ units: [[OutgoingMessage]]) async throws -> [PublishOutcome] {
        let room = self.room
        return try await call { log, done in log.publish(units, to: room, completion: done) }
    }

    /// Publishes one message for each of the senders.
    func publish(from senders: [Int64]) async throws -> [PublishOutcome] {
        try await publish(senders.map { [message(from: $0)] })
    }

    func open(for user: Int64) async throws -> RoomOpening {
        let room = self.room
        return try await call { log, done in log.open(room, for: UserID(rawValue: user), completion: done) }
    }

    func read() async throws -> [LogEntry] {
        let room = self.room
        return try await call { log, done in log.read([room]) { _, result in done(result) } }
    }

    func reread(after position: Position) async throws -> [LogEntry] {
        let room = self.room
        return try await call { log, done in log.reread(room, after: position, completion: done) }.entries
    }

    func message(from sender: Int64, tempID: TempID? = nil, text: String = "hi", trace: TraceContext? = nil)
        -> OutgoingMessage
    {
        let number = ids.wrappingAdd(1, ordering: .relaxed).newValue
        return OutgoingMessage(
            id: ObjectID(seconds: 9, process: 9, counter: number), senderID: UserID(rawValue: sender),
            tempID: tempID ?? RoomLogHarness.tempID(number),
            members: Array("\"content\":{\"text\":\"\(text)\",\"type\":\"TEXT\"}".utf8), trace: trace)
    }

    static func tempID(_ number: UInt32) -> TempID {
        let digits = String(number, radix: 16)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        guard let id = TempID(text) else { preconditionFailure("cannot make a UUID of \(text)") }
        return id
    }

    /// The name of the room's state.
    var stateKey: String { "room:{\(String(decoding: RoomLogHarness.shards.tag(of: shard), as: UTF8.self))}:\(room)" }

    /// The shard that the room falls into.
    var shard: Int { RoomLogHarness.shards.shard(of: room) }

    /// The name of a key of the room.
    func name(_ key: RoomKeys.RoomKey) -> String {
        String(decoding: persistLog.keys.name(key, of: room), as: UTF8.self)
    }

    /// The name of a key of the room's shard.
    func name(_ key: RoomKeys.ShardKey) -> String {
        String(decoding: persistLog.keys.name(key, of: shard), as: UTF8.self)
    }

    /// Made once: without optimization it takes a second of a core.
    private static let shards = ShardMap()
}
