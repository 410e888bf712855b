import Application
import Domain
import Synchronization
import Testing

@Suite struct LogInTests {
    private let accounts = InMemoryAccounts()
    private let hasher = PlainHasher()
    private let attempts = NotedAttempts()
    private let now = Timestamp(milliseconds: 1000)

    private func logIn(_ username: String, _ password: String) async throws -> LoggedIn {
        try await LogIn(
            users: accounts, sessions: accounts, hasher: hasher, issuer: PlainIssuer(), attempts: attempts
        ).logIn(username: username, password: password, origin: "192.0.2.1", now: now)
    }

    private func signUpAlice() async throws {
        let signUp = SignUp(
            users: accounts, hasher: hasher, issuer: PlainIssuer(), random: { Array(repeating: 1, count: $0) })
        _ = try await signUp.signUp(username: "alice", password: "correct horse", nickname: "Al", now: now)
    }

    @Test func opensASession() async throws {
        try await signUpAlice()
        let session = try await logIn("Alice", "correct horse")
        #expect(session.user.id == UserID(rawValue: 1))
        #expect(
            session.tokens == SessionTokens(accessToken: "access 1 1000", refreshToken: "refresh 1", expiresIn: 60))
        #expect(accounts.state.withLock { $0.opened.count } == 2)
    }

    @Test(arguments: [
        ("alice", "wrong horse"), ("alice", ""), ("alice", String(repeating: "x", count: 1000)),
        ("nobody", "correct horse"), ("", "correct horse"), ("not a name", "correct horse"),
    ])
    func whateverIsWrongTheAnswerAndTheWorkAreTheSame(username: String, password: String) async throws {
        try await signUpAlice()
        let refusal = await #expect(throws: Refusal.self) { try await logIn(username, password) }
        #expect(refusal == Refusal(.invalidCredentials, "The user name or the password is wrong."))
        #expect(hasher.verified.withLock { $0.count } == 1)
        #expect(accounts.state.withLock { $0.opened.count } == 1)
    }

    @Test func saysWhenItCannot() async throws {
        accounts.state.withLock { $0.failure = .unavailable("away") }
        let refusal = await #expect(throws: Refusal.self) { try await logIn("alice", "correct horse") }
        #expect(refusal?.code == .storeUnavailable)
        #expect(attempts.ends.withLock { $0 } == ["not checked alice"])
    }

    @Test func whoHasToWaitIsNotEvenLookedAt() async throws {
        try await signUpAlice()
        attempts.wait.withLock { $0 = 1500 }
        let refusal = await #expect(throws: Refusal.self) { try await logIn("alice", "correct horse") }
        #expect(refusal?.code == .tooManyAttempts)
        #expect(refusal?.retryAfterMilliseconds == 1500)
        #expect(hasher.verified.withLock { $0.isEmpty })
        #expect(attempts.ends.withLock { $0.isEmpty })
    }

    @Test func whatCameOfAnAttemptIsCounted() async throws {
        try await signUpAlice()
        _ = try await logIn("ALICE", "correct horse")
        for name in ["alice", "nobody", "not a name"] {
            await #expect(throws: Refusal.self) { try await logIn(name, "wrong horse") }
        }
        #expect(attempts.ends.withLock { $0 } == ["succeeded alice", "failed alice", "failed nobody", "failed -"])
    }
}
