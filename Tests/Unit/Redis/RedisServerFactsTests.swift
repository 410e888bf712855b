import Testing

@testable import Redis

@Suite struct RedisServerFactsTests {
    private static let info = """
        # Server\r
        redis_version:7.0.15\r
        run_id:0123abc\r
        # Memory\r
        maxmemory:1048576\r
        maxmemory_policy:noeviction\r
        # Persistence\r
        aof_enabled:1\r
        # Replication\r
        role:master\r

        """

    @Test func readsInfo() throws {
        let facts = try #require(RedisServerFacts(info: Self.info))
        #expect(facts.version == [7, 0, 15] && facts.runID == "0123abc" && facts.role == "master")
        #expect(facts.maxmemoryPolicy == "noeviction" && facts.maxmemoryBytes == 1_048_576)
        #expect(facts.appendOnly && facts.appendFsync == nil)
    }

    @Test(arguments: ["", "redis_version:7.0.15\r\n", "run_id:x\r\n", "\r\n:\r\nnonsense"])
    func refusesWhatIsNoInfo(_ text: String) { #expect(RedisServerFacts(info: text) == nil) }

    @Test func findsShortcomings() throws {
        var facts = try #require(RedisServerFacts(info: Self.info))
        #expect(facts.shortcomings(durable: false).isEmpty)
        #expect(facts.shortcomings(durable: true) == [.fsyncNotAlways(mode: nil)])
        facts.appendFsync = "always"
        #expect(facts.shortcomings(durable: true).isEmpty)
        facts.version = [6, 2]
        facts.role = "slave"
        facts.maxmemoryPolicy = "allkeys-lru"
        facts.appendOnly = false
        #expect(
            facts.shortcomings(durable: true)
                == [.versionBelow7, .replica, .evicts(policy: "allkeys-lru"), .notPersistent])
    }
}
