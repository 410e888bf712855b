import Application
import Domain
import EventLoop
import Redis
import Support
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(2))) struct UserLedgerTests {
    @Test func oneSessionTooManyEndsTheOldestWhereverItIs() async throws {
        try await UserLedgerHarness.with { users in
            var standings = [try await users.note(1, at: 0), try await users.note(1, at: 1)]
            // Noting again makes it no newer.
            standings.append(try await users.note(1, at: 0, isNew: false))
            standings.append(try await users.note(2, at: 1))
            #expect(await users.calls[0].wait { !$0.isEmpty } == [.replaced(1)])
            standings.append(try await users.note(3, at: 1))
            #expect(await users.calls[1].wait { !$0.isEmpty } == [.replaced(1)])
            #expect(standings == Array(repeating: .admitted, count: 5))
            let again = try await users.note(1, at: 0, isNew: false)
            #expect(again == .replaced, "it does not come back by itself")
        }
    }

    @Test func whoHasGoneOrDiedDoesNotCount() async throws {
        try await UserLedgerHarness.with { users in
            let (user, ledger) = (users.user, users.ledgers[0])
            _ = try await users.note(1, at: 0)
            _ = try await users.note(2, at: 1)
            try await users.loop.submit { ledger.value.forget(session: 1, of: user) }
            _ = try await users.note(3, at: 1)
            #expect(users.calls.map(\.value) == [[], []])
            // As if the gateway of session 2 had not noted it for long.
            _ = try await users.client.command("HSET", "sessions:{u:7}", "g1:\(users.boot):0:2", "1 1")
            _ = try await users.note(4, at: 0)
            _ = try await users.note(5, at: 0, isNew: false)
            #expect(try await users.note(2, at: 1, isNew: false) == .replaced, "its place is taken")
            #expect(users.calls.map(\.value) == [[], []])
        }
    }

    @Test func lotsOfAllLoopsAreNoMoreThanAMinutesMessages() async throws {
        try await UserLedgerHarness.with { users in
            var lots: [AllowanceLot] = []
            for number in 0..<40 {
                lots.append(try await users.lot(needed: 1, at: number % 2))
            }
            #expect(lots[0].count == 5, "a quarter")
            #expect(lots.reduce(0) { $0 + $1.count } == 20)
            #expect(lots.last?.count == 0)
            #expect(Set(lots.map(\.minute)).count == 1)
            #expect(lots.allSatisfy { (1...60_000).contains($0.milliseconds) })
            // The minute ends: it began longer ago.
            _ = try await users.client.command("HINCRBY", "allowance:{u:7}", "at", "-60000")
            let next = try await users.lot(needed: 12, at: 0)
            #expect(next.count == 12)
            #expect(next.minute > lots[0].minute)
        }
    }

    @Test func whatIsNotUsedIsRecalledAndCanBeHadAgain() async throws {
        try await UserLedgerHarness.with { users in
            let held = try await users.lot(needed: 20, at: 0)
            #expect(held.count == 20)
            #expect(try await users.lot(needed: 1, at: 1).count == 0)
            #expect(await users.calls[0].wait { !$0.isEmpty } == [.recall(users.user)])
            #expect(users.calls[1].value.isEmpty)
            try await users.giveBack(15, of: held, at: 0)
            // The two go over connections of their own.
            var lot = try await users.lot(needed: 15, at: 1)
            while lot.count == 0 {
                lot = try await users.lot(needed: 15, at: 1)
            }
            #expect(lot.count == 15)
            // What is of another minute is not added to this one.
            let other = AllowanceLot(count: 5, minute: held.minute - 1, milliseconds: 1)
            try await users.giveBack(5, of: other, at: 0)
            #expect(try await users.lot(needed: 1, at: 1).count == 0)
        }
    }

    @Test func withoutRedisTheLedgerSaysSo() async throws {
        try await withRedis { redis, server, loop in
            let pair = try await loop.submit {
                let connection = RedisConnection(redis.configuration, on: loop)
                let subscriber = RedisSubscriber(
                    redis.configuration, publisher: connection, probeChannel: RedisChannel(Array("probe".utf8)))
                return LoopBound(
                    RedisUserLedger(
                        connection: connection, subscriber: subscriber,
                        options: RedisUserLedger.Options(loop: "g:b:0")), on: loop)
            }
            let result = await withCheckedContinuation { continuation in
                loop.execute {
                    pair.value.takeLot(of: UserID(rawValue: 1), needed: 1) { continuation.resume(returning: $0) }
                }
            }
            #expect(throws: UserLedgerError.self) { try result.get() }
        }
    }
}
