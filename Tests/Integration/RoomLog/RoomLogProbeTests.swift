import EventLoop
import Launcher
import Redis
import Support
import Testing
import WireProtocols

/// The message to itself by which a process knows that its room logs work.
@Suite(.timeLimit(.minutes(5))) struct RoomLogProbeTests {
    @Test func comesBackUntilRedisHangsAndAgainWhenItGoesOn() async throws {
        try await withProbe { record, server, _ in
            try await awaitReturn(record)
            server.pause()
            // The kernel goes on to take connections for a server that does nothing.
            try await eventually("the probe is missed") { record.fault(limit: .seconds(2)) == nil ? nil : () }
            server.resume()
            try await awaitReturn(record)
        }
    }

    @Test func comesBackAfterRedisHasLostEverything() async throws {
        try await withProbe { record, _, client in
            try await awaitReturn(record)
            _ = try await client.command("FLUSHALL")
            let lost = ContinuousClock.now
            try await eventually("one comes back that was sent after the loss") {
                ContinuousClock.now - record.age > lost ? () : nil
            }
        }
    }

    @Test func isBoundedAndTakesItsStreamAwayAtItsEnd() async throws {
        try await withProbe { record, _, client in
            try await awaitReturn(record)
            let names = try await client.command("KEYS", "probe:*").elements ?? []
            let name = names.first?.text ?? ""
            #expect(names.count == 1 && name.hasSuffix(":g1:b1:1"))
            let length = try await client.command("XLEN", name)
            #expect(length == .integer(1) || length == .integer(2))
            guard case .integer(let lifetime) = try await client.command("PTTL", name) else {
                Issue.record("no time to live")
                return
            }
            #expect(lifetime > 0)
        } ended: { client in
            let names = try await client.command("KEYS", "probe:*").elements
            #expect(names?.count == 0)
        }
    }

    private func awaitReturn(_ record: ProbeRecord) async throws {
        try await eventually("a probe comes back") { record.fault(limit: .seconds(2)) == nil ? () : nil }
    }

    private func withProbe(
        _ body: (ProbeRecord, RedisServer, RedisClient) async throws -> Void,
        ended: (RedisClient) async throws -> Void = { _ in }
    ) async throws {
        try await withRedis { redis, server, loop in
            let record = ProbeRecord()
            let configuration = redis.configuration
            let log = try await loop.submit {
                let connection = RedisConnection(configuration, on: loop)
                connection.start()
                let own = RedisChannel(Array("probe:\(UInt64.random(in: .min ... .max))".utf8))
                let subscriber = RedisSubscriber(configuration, publisher: connection, probeChannel: own)
                let shards = ShardMap(count: 1)
                let probe = RoomLogProbe(
                    connection: connection, subscriber: subscriber, name: "g1:b1:1", shard: 0, shards: shards,
                    record: record)
                let log = RedisRoomLog(
                    connection: connection, subscriber: subscriber, probe: probe, shards: shards,
                    options: RedisRoomLog.Options(gateway: "g1:b1"))
                subscriber.start()
                probe.start()
                return LoopBound(log, on: loop)
            }
            let client = try await RedisClient.start(configuration, on: loop)
            try await body(record, server, client)
            let isOver = Observed(false)
            loop.execute { log.value.end { isOver.update { $0 = true } } }
            await isOver.wait { $0 }
            try await ended(client)
        }
    }
}
