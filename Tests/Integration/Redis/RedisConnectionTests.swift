import EventLoop
import Launcher
import Redis
import Support
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(5))) struct RedisConnectionTests {
    @Test func answersCommandsOfOneTurnInOrder() async throws {
        try await withRedis { redis, _, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                for _ in 0..<5_000 {
                    connection.send("INCR", "n", into: outcomes)
                }
            }
            let values = await outcomes.wait { $0.count == 5_000 }.map { try? $0.get() }
            #expect(values == (1...5_000).map { .integer($0) })
        }
    }

    @Test func aServerErrorFailsItsCommandOnly() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            #expect(try await client.command("SET", "text", "a b") == .status("OK"))
            let refused = await error { () async throws(RedisError) in try await client.command("INCRBY", "text", "1") }
            #expect(refused?.code == .server(prefix: "ERR"))
            let wrong = await error { () async throws(RedisError) in try await client.command("LPUSH", "text", "1") }
            #expect(wrong?.isServer("WRONGTYPE") == true)
            #expect(try await client.command("GET", "text").text == "a b")
        }
    }

    @Test func carriesLargeValues() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            let value = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            #expect(try await client.command([Array("SET".utf8), Array("big".utf8), value]) == .status("OK"))
            #expect(try await client.command("GET", "big").bytes == value)
        }
    }

    @Test func failsOrWaitsWhileThereIsNoServer() async throws {
        let redis = try OwnRedis()
        try await withLoop { loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                connection.send("PING", into: outcomes)
                connection.send("PING", whenDown: .wait, timeout: 50, into: outcomes)
            }
            let failed = await outcomes.wait { $0.count == 2 }
            #expect(failed.map(\.code) == [.unavailable, .timedOut(written: false)])

            let answered = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                connection.send("INCR", "n", whenDown: .wait, timeout: 30_000, into: answered)
                connection.send("INCR", "n", whenDown: .wait, timeout: 30_000, into: answered)
            }
            let server = try await redis.start()
            let values = await answered.wait { $0.count == 2 }.map { try? $0.get() }
            #expect(values == [.integer(1), .integer(2)])
            try await OwnRedis.kill(server)
        }
    }

    @Test func tellsWhatAKilledServerMayHaveSeenAndComesBack() async throws {
        try await withRedis { redis, server, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            server.pause()
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { $0.send("INCR", "n", into: outcomes) }
            try await OwnRedis.kill(server)
            let lost = await outcomes.wait { $0.count == 1 }
            #expect(lost[0].code == .connectionLost(written: true))
            await connection.states.wait { $0 == [true, false] }

            let again = try await redis.start()
            await connection.states.wait { $0 == [true, false, true] }
            #expect(try await connection.client.command("PING") == .status("PONG"))
            try await OwnRedis.kill(again)
        }
    }

    @Test func tellsWhatWasNeverWritten() async throws {
        try await withRedis { redis, _, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                connection.send("INCR", "n", into: outcomes)
                connection.close()
                connection.send("INCR", "n", whenDown: .wait, into: outcomes)
            }
            #expect(outcomes.value.map(\.code) == [.connectionLost(written: false), .unavailable])
            let other = try await RedisClient.start(redis.configuration, on: loop)
            #expect(try await other.command("GET", "n") == .null)
        }
    }

    @Test func aReplyThatIsOverdueEndsTheConnection() async throws {
        try await withRedis { redis, _, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                connection.send("CLIENT", "PAUSE", "1000", "ALL", into: outcomes)
                connection.send("INCR", "n", into: outcomes)
                connection.send("INCR", "n", timeout: 200, into: outcomes)
            }
            let all = await outcomes.wait { $0.count == 3 }
            #expect(all.map(\.code) == [nil, .connectionLost(written: true), .timedOut(written: true)])
            await connection.states.wait { $0 == [true, false, true] }
        }
    }

    @Test func authenticatesAndChoosesItsDatabaseAndName() async throws {
        try await withRedis { redis, _, loop in
            let open = try await RedisClient.start(redis.configuration, on: loop)
            _ = try await open.command("ACL", "SETUSER", "chat", "on", ">p w", "~*", "&*", "+@all")
            _ = try await open.command("CONFIG", "SET", "requirepass", "se:cret")
            var configuration = try RedisConfiguration(url: "redis://:se%3Acret@127.0.0.1:\(redis.port)/3")
            configuration.clientName = "shoot-test"
            let byPassword = try await RedisClient.start(configuration, on: loop)
            #expect(try await byPassword.command("CLIENT", "GETNAME").text == "shoot-test")
            _ = try await byPassword.command("SET", "k", "in 3")
            let url = "redis://chat:p%20w@127.0.0.1:\(redis.port)"
            let byUser = try await RedisClient.start(RedisConfiguration(url: url), on: loop)
            #expect(try await byUser.command("ACL", "WHOAMI").text == "chat")
            #expect(try await byUser.command("GET", "k") == .null)
        }
    }

    @Test(arguments: [("redis://:wrong@127.0.0.1", "WRONGPASS"), ("redis://127.0.0.1", "NOAUTH")])
    func saysWhyItIsNotLetIn(_ url: String, _ reason: String) async throws {
        try await withRedis { redis, _, loop in
            let open = try await RedisClient.start(redis.configuration, on: loop)
            _ = try await open.command("CONFIG", "SET", "requirepass", "secret")
            let client = try await RedisClient.start(RedisConfiguration(url: "\(url):\(redis.port)"), on: loop)
            let refused = await error { () async throws(RedisError) in
                try await client.command(["PING"].map { Array($0.utf8) }, timeoutMilliseconds: 500)
            }
            #expect(refused?.code == .timedOut(written: false))
            #expect(refused?.cause.hasPrefix(reason) == true)
        }
    }

    @Test func aStoppedLoopLeavesNobodyWaiting() async throws {
        let redis = try OwnRedis()
        let loop = try EventLoop.start(name: "redis-test")
        let client = try await RedisClient.start(redis.configuration, on: loop)
        await loop.stop()
        let after = await error { () async throws(RedisError) in try await client.command("PING") }
        #expect(after?.code == .unavailable)
    }
}
