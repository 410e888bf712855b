import Application
import Domain
import EventLoop
import Redis
import Support
import Synchronization
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(2))) struct LoginAttemptsTests {
    private func with(
        perAccount: Int = 3, perAddress: Int = 4,
        _ body: (RedisLoginAttempts, RedisClient) async throws -> Void
    ) async throws {
        let configuration = try RedisConfiguration(url: try await TestServers.shared.freshRedisURL())
        try await withLoop { loop in
            let client = try await RedisClient.start(configuration, on: loop)
            _ = try await client.command("PING")
            try await body(
                RedisLoginAttempts(
                    client: client,
                    options: RedisLoginAttempts.Options(perAccount: perAccount, perAddress: perAddress), skipped: {}),
                client)
        }
    }

    private func attempt(_ name: String, from origin: String = "192.0.2.1") -> LoginAttempt {
        LoginAttempt(username: Username(name), origin: origin)
    }

    /// Lets the wait of a count pass.
    private func pass(_ key: String, _ client: RedisClient) async throws {
        _ = try await client.command("HSET", key, "until", "1")
    }

    /// Redis' clock, ms.
    private func now(_ client: RedisClient) async throws -> Int64 {
        let time = try await client.command("TIME").elements?.compactMap { $0.text.flatMap { Int64($0) } } ?? []
        return try #require(time.first) * 1000 + (try #require(time.last) / 1000)
    }

    @Test func theWaitGrowsWithEachFailureToABound() async throws {
        try await with(perAddress: 0) { attempts, client in
            let key = "attempts:{a:alice}"
            for _ in 0..<2 {
                #expect(await attempts.begin(attempt("alice")) == 0)
            }
            for wait: Int64 in [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000] {
                let before = try await now(client)
                #expect(await attempts.begin(attempt("alice")) == 0)
                let over = try #require(try await client.command("HGET", key, "until").text.flatMap { Int64($0) })
                #expect((before...(try await now(client))).contains(over - wait), "\(wait)")
                try await pass(key, client)
            }
            _ = try await client.command("HSET", key, "until", "\(try await now(client) + 600_000)")
            #expect(await attempts.begin(attempt("alice", from: "198.51.100.9")) == 60_000)
            #expect(await attempts.begin(attempt("bob")) == 0, "an account of its own")
        }
    }

    @Test func aRightPasswordForgetsWhatFailedBefore() async throws {
        try await with { attempts, _ in
            for _ in 0..<10 {
                #expect(await attempts.begin(attempt("alice")) == 0)
                await attempts.succeeded(attempt("alice"))
            }
        }
    }

    @Test func whatNobodyCouldCheckDoesNotCount() async throws {
        try await with { attempts, _ in
            for _ in 0..<10 {
                #expect(await attempts.begin(attempt("alice")) == 0)
                await attempts.wasNotChecked(attempt("alice"))
            }
        }
    }

    @Test func anAddressWaitsForWhateverNamesItTried() async throws {
        try await with { attempts, client in
            for name in ["ann", "bob", "cid", "no name at all"] {
                #expect(await attempts.begin(attempt(name)) == 0)
                await attempts.failed(attempt(name))
            }
            let key = "attempts:{ip:192.0.2.1}"
            let over = try #require(try await client.command("HGET", key, "until").text.flatMap { Int64($0) })
            #expect(over > 0)
            // However slow the machine is, the wait is not over.
            _ = try await client.command("HSET", key, "until", "\(try await now(client) + 600_000)")
            #expect(await attempts.begin(attempt("dan")) > 0)
            #expect(await attempts.begin(attempt("dan", from: "192.0.2.2")) == 0)
            let lifetime = try await client.command("PTTL", key).integer ?? 0
            #expect(lifetime > 0)
        }
    }

    @Test func withoutRedisNobodyWaitsAndItIsCounted() async throws {
        try await withRedis { redis, server, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            _ = try await client.command("PING")
            try await OwnRedis.kill(server)
            let skipped = Observed(0)
            let attempts = RedisLoginAttempts(
                client: client, options: RedisLoginAttempts.Options(perAccount: 1, perAddress: 1),
                skipped: { skipped.update { $0 += 1 } })
            for _ in 0..<3 {
                #expect(await attempts.begin(attempt("alice")) == 0)
            }
            #expect(skipped.value == 6)
        }
    }
}
