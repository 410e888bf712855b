import EventLoop
import Redis
import Support
import Testing

@Suite(.timeLimit(.minutes(5))) struct RedisMonitorTests {
    @Test func seesMemoryBecomeShortAndAmpleAgain() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            let monitor = RedisMonitor(client: client) { _ in }
            await monitor.look()
            let before = try #require(monitor.memory)
            #expect(!monitor.isMemoryShort && before.limitBytes == 0)

            let limit = before.usedBytes + (20 << 20)
            _ = try await client.command("CONFIG", "SET", "maxmemory", "\(limit)")
            await monitor.look()
            #expect(!monitor.isMemoryShort)
            // A bitmap of 17 of the 20 MiB that are left.
            _ = try await client.command("SETBIT", "ballast", "\(17 << 23)", "1")
            await monitor.look()
            #expect(monitor.isMemoryShort)
            _ = try await client.command("DEL", "ballast")
            await monitor.look()
            #expect(!monitor.isMemoryShort)
        }
    }

    @Test func asksAgainWhatItIsAfterItWasAway() async throws {
        try await withRedis { redis, server, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            let learned = Observed<[RedisServerFacts]>([])
            let monitor = RedisMonitor(client: client) { facts in learned.update { $0.append(facts) } }
            await monitor.look()
            await monitor.look()
            #expect(learned.value.count == 1)
            let first = try #require(monitor.facts).runID

            try await OwnRedis.kill(server)
            await monitor.look()
            #expect(monitor.memory == nil)
            let again = try await redis.start()
            await monitor.look()
            #expect(learned.value.count == 2)
            #expect(monitor.facts?.runID != first)
            try await OwnRedis.kill(again)
        }
    }
}
