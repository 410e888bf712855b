import Application
import Domain
import Synchronization
import Testing

@Suite struct SignUpTests {
    private let accounts = InMemoryAccounts()
    private let now = Timestamp(milliseconds: 1000)

    private func signUp(
        _ username: String = "Alice", _ password: String = "correct horse", _ nickname: String = "Al",
        hasher: PlainHasher = PlainHasher(), random: @escaping RandomSource = { Array(repeating: 1, count: $0) }
    ) async throws -> LoggedIn {
        try await SignUp(users: accounts, hasher: hasher, issuer: PlainIssuer(), random: random)
            .signUp(username: username, password: password, nickname: nickname, now: now)
    }

    private func refusal(_ body: () async throws -> LoggedIn) async -> Refusal? {
        await #expect(throws: Refusal.self) { try await body() }
    }

    @Test func makesAnAccountAndASession() async throws {
        let session = try await signUp()
        #expect(session.user.username.text == "alice")
        #expect(session.user.nickname.text == "Al")
        #expect(session.user.userCode.text == "1111111111")
        #expect(
            session.tokens == SessionTokens(accessToken: "access 1 1000", refreshToken: "refresh 1", expiresIn: 60))
        let state = accounts.state.withLock { $0 }
        #expect(state.hashes.values.first == "hash of correct horse")
        #expect(state.opened.count == 1)
        #expect(state.opened.first?.token.hash.bytes == Array("refresh 1".utf8))
        #expect(state.opened.first?.token.expiresAt.milliseconds == 601_000)
    }

    @Test func namesEveryFieldAtFault() async throws {
        let refusal = await refusal { try await signUp("a", "short", "") }
        #expect(refusal?.code == .validationFailed)
        #expect(
            refusal?.fields == [
                FieldViolation(field: "username", rule: Username.rule),
                FieldViolation(field: "password", rule: Password.rule),
                FieldViolation(field: "nickname", rule: Nickname.rule),
            ])
        let one = await self.refusal { try await signUp("alice", "short") }
        #expect(one?.fields.map(\.field) == ["password"])
    }

    @Test func refusesATakenNameInAnyCase() async throws {
        _ = try await signUp("alice")
        let taken = await refusal { try await signUp("ALICE", random: { Array(repeating: 2, count: $0) }) }
        #expect(taken?.code == .usernameTaken)
    }

    @Test func triesAnotherUserCode() async throws {
        _ = try await signUp("alice")
        let calls = Atomic<UInt8>(0)
        let session = try await signUp("bob") { count in
            Array(repeating: calls.add(1, ordering: .relaxed).newValue, count: count)
        }
        #expect(session.user.userCode.text == "2222222222")
        let none = await refusal { try await signUp("carol") }
        #expect(none?.code == .internalError)
    }

    @Test func saysWhenItCannot() async throws {
        accounts.state.withLock { $0.failure = .unavailable("away") }
        #expect(await refusal { try await signUp() }?.code == .storeUnavailable)
        accounts.state.withLock { $0.failure = .failed("bad") }
        #expect(await refusal { try await signUp() }?.code == .internalError)
        let busy = PlainHasher(failure: .overloaded)
        #expect(await refusal { try await signUp(hasher: busy) }?.code == .busy)
    }
}
