import EventLoop
import Redis
import Testing

@Suite(.timeLimit(.minutes(5))) struct RedisServerFactsTests {
    @Test func readsWhatAServerSaysOfItself() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            let facts = try await RedisServerFacts.read(from: client)
            #expect(facts.version.count == 3 && facts.runID.count == 40 && facts.role == "master")
            #expect(facts.maxmemoryPolicy == "noeviction" && facts.appendOnly && facts.appendFsync == "everysec")
            #expect(facts.shortcomings(durable: true) == [.fsyncNotAlways(mode: "everysec")])
            #expect(facts.shortcomings(durable: false).isEmpty)
        }
    }

    @Test func doesWithoutAConfigurationThatItMayNotRead() async throws {
        try await withRedis { redis, _, loop in
            let open = try await RedisClient.start(redis.configuration, on: loop)
            _ = try await open.command("ACL", "SETUSER", "managed", "on", ">p", "~*", "&*", "+@all", "-config")
            let url = "redis://managed:p@127.0.0.1:\(redis.port)"
            let client = try await RedisClient.start(RedisConfiguration(url: url), on: loop)
            let facts = try await RedisServerFacts.read(from: client)
            #expect(facts.appendFsync == nil && facts.maxmemoryPolicy == "noeviction" && facts.appendOnly)
        }
    }
}
