import Testing

@testable import Redis

@Suite struct RedisMemoryTests {
    @Test func readsInfoWithoutWhatTheLimitDoesNotCount() throws {
        let info = "# Memory\r\nused_memory:1000\r\nmem_not_counted_for_evict:100\r\nmaxmemory:2000\r\n"
        #expect(try #require(RedisMemory(info: info)) == RedisMemory(usedBytes: 900, limitBytes: 2000))
        #expect(RedisMemory(info: "maxmemory:2000\r\n") == nil)
    }

    @Test func isShortFromFourFifthsOfTheLimit() {
        #expect(!RedisMemory(usedBytes: 799, limitBytes: 1000).isShort)
        #expect(RedisMemory(usedBytes: 800, limitBytes: 1000).isShort)
        #expect(!RedisMemory(usedBytes: .max, limitBytes: 0).isShort, "without a limit")
    }
}
