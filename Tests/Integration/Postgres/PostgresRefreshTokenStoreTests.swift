import Application
import Domain
import Postgres
import Testing

@Suite(.timeLimit(.minutes(5))) struct PostgresRefreshTokenStoreTests {
    private func rotate(
        _ fixture: PostgresFixture, _ presented: UInt8, to successor: UInt8, after seconds: Int64 = 1
    ) async throws -> RotationOutcome {
        try await fixture.tokens.rotate(
            PostgresFixture.hash(presented), to: PostgresFixture.token(successor, after: seconds))
    }

    @Test func eachTokenIsGoodForOneUse() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            for number: UInt8 in 1...5 {
                #expect(try await rotate(fixture, number, to: number + 1, after: Int64(number)) == .rotated(alice))
            }
            #expect(try await rotate(fixture, 99, to: 100) == .unknown)
        }
    }

    @Test func aSecondUseEndsTheWholeFamilyAndNoOther() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            try await fixture.tokens.open(PostgresFixture.token(50), for: alice.id)
            #expect(try await rotate(fixture, 1, to: 2) == .rotated(alice))
            #expect(try await rotate(fixture, 2, to: 3) == .rotated(alice))
            #expect(try await rotate(fixture, 1, to: 4) == .reused)
            #expect(try await rotate(fixture, 3, to: 5) == .unknown, "the newest is revoked as well")
            #expect(try await rotate(fixture, 4, to: 6) == .unknown, "what a reuse would have got was never stored")
            #expect(try await rotate(fixture, 50, to: 51) == .rotated(alice), "another login lives on")
        }
    }

    @Test func anExpiredTokenIsRefused() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            #expect(try await rotate(fixture, 1, to: 2, after: 3600) == .expired)
            #expect(try await rotate(fixture, 1, to: 2, after: 3599) == .rotated(alice))
        }
    }

    @Test func ofManyThatPresentOneTokenAtOnceOneGetsItsSuccessor() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            let outcomes = try await withThrowingTaskGroup(of: RotationOutcome.self) { group in
                for number: UInt8 in 2...17 {
                    group.addTask { try await rotate(fixture, 1, to: number) }
                }
                return try await group.reduce(into: [RotationOutcome]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .rotated(alice) } == 1)
            #expect(outcomes.count { $0 == .reused } == 1)
            #expect(outcomes.count { $0 == .unknown } == 14, "the family is revoked by then")
        }
    }

    @Test func noSuccessorEscapesARevocation() async throws {
        try await PostgresFixture.with { fixture in
            // Token 1 of each family is used up; then token 2 is exchanged while token 1 is presented again.
            for round: UInt8 in 0..<15 {
                let first = round * 4 + 1
                let user = try await fixture.signUp("user\(round)", first)
                #expect(try await rotate(fixture, first, to: first + 1) == .rotated(user))
                async let exchanged = rotate(fixture, first + 1, to: first + 2)
                async let reused = rotate(fixture, first, to: first + 3)
                #expect(try await reused == .reused)
                _ = try await exchanged
                #expect(try await rotate(fixture, first + 2, to: 255) == .unknown)
            }
        }
    }

    @Test func whatIsOverIsForgotten() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            let bob = try await fixture.signUp("bob", 100)
            #expect(try await rotate(fixture, 1, to: 2, after: 1800) == .rotated(alice))
            #expect(try await rotate(fixture, 2, to: 3, after: 3600) == .rotated(alice))
            #expect(try await fixture.number("SELECT count(*) FROM refresh_tokens") == 3, "token 1 is forgotten")
            try await fixture.tokens.open(PostgresFixture.token(4, after: 7200), for: alice.id)
            #expect(try await fixture.number("SELECT count(*) FROM refresh_families") == 2)
            #expect(try await rotate(fixture, 3, to: 5, after: 7200) == .unknown)
            #expect(try await rotate(fixture, 4, to: 6, after: 7201) == .rotated(alice))
            #expect(try await rotate(fixture, 100, to: 101) == .rotated(bob), "others' are left alone")
        }
    }

    @Test func aSessionOfNobodyIsRefused() async throws {
        try await PostgresFixture.with { fixture in
            await #expect(throws: StoreError.self) {
                try await fixture.tokens.open(PostgresFixture.token(1), for: UserID(rawValue: 12345))
            }
        }
    }
}
