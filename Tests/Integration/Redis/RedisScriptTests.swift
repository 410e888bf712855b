import EventLoop
import Redis
import Support
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(5))) struct RedisScriptTests {
    private let script = RedisScript(
        name: "add", source: Array("return redis.call('INCRBY', KEYS[1], ARGV[1])".utf8))

    private func add(_ amount: Int, with client: RedisClient) async throws(RedisError) -> RESPValue {
        try await client.eval(script, keys: [Array("n".utf8)], arguments: [Array("\(amount)".utf8)])
    }

    @Test func runsAScriptThatTheServerDoesNotKnowYetAndOneThatItForgot() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            #expect(try await add(1, with: client) == .integer(1))
            let known = try await client.command([Array("SCRIPT".utf8), Array("EXISTS".utf8), script.digest])
            #expect(known == .array([.integer(1)]))
            _ = try await client.command("SCRIPT", "FLUSH")
            #expect(try await add(2, with: client) == .integer(3))
            #expect(try await add(3, with: client) == .integer(6))
        }
    }

    @Test func carriesOutEachCallOnceWhereManyMeetAForgottenScript() async throws {
        try await withRedis { redis, _, loop in
            let connection = try await TestConnection.start(redis.configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { [script] connection in
                for _ in 0..<100 {
                    connection.eval(script, keys: 1, arguments: 1) { writer in
                        writer.bulk("n")
                        writer.bulk(decimal: UInt64(1))
                    } completion: { result in
                        outcomes.update { $0.append(result.map { $0.copied() }) }
                    }
                }
            }
            let values = await outcomes.wait { $0.count == 100 }.map { try? $0.get() }
            #expect(values == (1...100).map { .integer($0) })
        }
    }

    @Test func aScriptThatFailsIsAServerError() async throws {
        try await withRedis { redis, _, loop in
            let client = try await RedisClient.start(redis.configuration, on: loop)
            let failing = RedisScript(name: "refuse", source: Array("return redis.error_reply('COLD room')".utf8))
            let refused = await error { () async throws(RedisError) in
                try await client.eval(failing, keys: [], arguments: [])
            }
            #expect(refused?.isServer("COLD") == true)
        }
    }
}
