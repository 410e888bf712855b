import Application
import Domain
import Postgres
import Testing

@Suite(.timeLimit(.minutes(5))) struct PostgresUserStoreTests {
    @Test func whatIsMadeIsFound() async throws {
        try await PostgresFixture.with { fixture in
            let made = try await fixture.signUp("alice", 1)
            #expect(made.id.rawValue > 0)
            #expect(made.username.text == "alice")
            #expect(made.nickname.text == "Nick alice")
            #expect(made.status == .offline)
            #expect(made.role == .user)
            #expect(made.createdAt == PostgresFixture.time)
            #expect(made.lastSeenAt == nil)
            #expect(made.bio == nil)
            #expect(try await fixture.users.user(made.id) == made)
            let found = try await fixture.users.credentials(of: made.username)
            #expect(found?.user == made)
            #expect(found?.passwordHash == "hash of alice")
            #expect(try await fixture.users.user(UserID(rawValue: made.id.rawValue + 1)) == nil)
            #expect(try await fixture.users.credentials(of: #require(Username("nobody"))) == nil)
        }
    }

    @Test func theFirstSessionIsMadeWithTheAccount() async throws {
        try await PostgresFixture.with { fixture in
            let made = try await fixture.signUp("alice", 1)
            let outcome = try await fixture.tokens.rotate(
                PostgresFixture.hash(1), to: PostgresFixture.token(2, after: 1))
            #expect(outcome == .rotated(made))
        }
    }

    @Test func namesAndCodesAreUnique() async throws {
        try await PostgresFixture.with { fixture in
            _ = try await fixture.signUp("alice", 1)
            await #expect(throws: CreateUserError.usernameTaken) { try await fixture.signUp("Alice", 2) }
            await #expect(throws: CreateUserError.userCodeTaken) { try await fixture.signUp("bob", 1) }
            // Neither left anything behind.
            #expect(try await fixture.number("SELECT count(*) FROM users") == 1)
            #expect(try await fixture.number("SELECT count(*) FROM refresh_tokens") == 1)
        }
    }

    @Test func ofManyAtOnceOneGetsTheName() async throws {
        try await PostgresFixture.with { fixture in
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 1...20 {
                    group.addTask { (try? await fixture.signUp("alice", UInt8(number))) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 1)
        }
    }

    @Test func whatSQLMeansSomethingToIsStoredAsItIs() async throws {
        try await PostgresFixture.with { fixture in
            let nickname = try #require(Nickname("'; DROP TABLE users; -- \\ \" 日本 👩‍👩‍👧‍👧"))
            let account = NewUser(
                username: try #require(Username("alice")), nickname: nickname, passwordHash: "",
                userCode: try #require(UserCode("0123456789")))
            let made = try await fixture.users.create(account, session: PostgresFixture.token(1))
            #expect(try await fixture.users.user(made.id)?.nickname == nickname)
        }
    }

    @Test func summariesAndUnknownIDs() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            let bob = try await fixture.signUp("bob", 2)
            let ghost = UserID(rawValue: 999_999)
            let found = try await fixture.users.users([bob.id, ghost, alice.id, bob.id])
            #expect(found.map(\.id) == [alice.id, bob.id])
            #expect(found.map(\.username.text) == ["alice", "bob"])
            #expect(found.map(\.nickname.text) == ["Nick alice", "Nick bob"])
            #expect(try await fixture.users.users([]) == [])
            #expect(try await fixture.users.unknown(among: [alice.id, ghost]) == [ghost])
            #expect(try await fixture.users.unknown(among: []) == [])
            let many = (1...10_000).map { UserID(rawValue: Int64(1_000_000 + $0)) }
            #expect(try await fixture.users.unknown(among: many + [bob.id]).count == 10_000)
        }
    }

    @Test func deletedAccountsAreNowhereButKeepTheirName() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            try await fixture.run("UPDATE users SET is_deleted = true")
            #expect(try await fixture.users.user(alice.id) == nil)
            #expect(try await fixture.users.credentials(of: alice.username) == nil)
            #expect(try await fixture.users.users([alice.id]) == [])
            #expect(try await fixture.users.unknown(among: [alice.id]) == [alice.id])
            let outcome = try await fixture.tokens.rotate(
                PostgresFixture.hash(1), to: PostgresFixture.token(2, after: 1))
            #expect(outcome == .unknown)
            await #expect(throws: CreateUserError.usernameTaken) { try await fixture.signUp("alice", 3) }
        }
    }

    @Test func optionalColumnsAreRead() async throws {
        try await PostgresFixture.with { fixture in
            let alice = try await fixture.signUp("alice", 1)
            try await fixture.run(
                """
                UPDATE users SET status = 'AWAY', role = 'ADMIN', bio = 'hi', profile_image_url = 'p',
                    background_image_url = 'b', last_seen_at = '1969-12-31T23:59:59.9995Z'
                """)
            let found = try #require(try await fixture.users.user(alice.id))
            #expect(found.status == .away)
            #expect(found.role == .admin)
            #expect(found.bio == "hi")
            #expect(found.profileImageURL == "p")
            #expect(found.backgroundImageURL == "b")
            #expect(found.lastSeenAt == Timestamp(milliseconds: -1))
        }
    }
}
