import Application
import Domain
import Synchronization
import Testing

@Suite struct RefreshTokensTests {
    private let accounts = InMemoryAccounts()
    private let now = Timestamp(milliseconds: 1000)

    private func refresh(_ token: String = "refresh 0") async throws -> SessionTokens {
        try await RefreshTokens(sessions: accounts, issuer: PlainIssuer()).refresh(token, now: now)
    }

    private func code(_ outcome: RotationOutcome) async -> ErrorCode? {
        accounts.state.withLock { $0.rotation = outcome }
        return await #expect(throws: Refusal.self) { try await refresh() }?.code
    }

    @Test func givesANewPair() async throws {
        let user = User(
            id: UserID(rawValue: 7), username: try #require(Username("alice")), nickname: try #require(Nickname("Al")),
            userCode: try #require(UserCode("0123456789")), createdAt: now)
        accounts.state.withLock { $0.rotation = .rotated(user) }
        let tokens = try await refresh()
        #expect(tokens == SessionTokens(accessToken: "access 7 1000", refreshToken: "refresh 1", expiresIn: 60))
        let rotation = accounts.state.withLock { $0.rotations.first }
        #expect(rotation?.presented.bytes == Array("refresh 0".utf8))
        #expect(rotation?.successor.hash.bytes == Array("refresh 1".utf8))
        #expect(rotation?.successor.createdAt == now)
        #expect(rotation?.successor.expiresAt.milliseconds == 601_000)
    }

    @Test func refusesByOutcome() async {
        #expect(await code(.unknown) == .invalidToken)
        #expect(await code(.expired) == .invalidToken)
        #expect(await code(.reused) == .tokenReused)
    }

    @Test func doesNotAskTheStoreAboutWhatIsNoToken() async {
        let refusal = await #expect(throws: Refusal.self) { try await refresh("something") }
        #expect(refusal?.code == .invalidToken)
        #expect(accounts.state.withLock { $0.rotations.isEmpty })
    }

    @Test func saysWhenItCannot() async {
        accounts.state.withLock { $0.failure = .unavailable("away") }
        let refusal = await #expect(throws: Refusal.self) { try await refresh() }
        #expect(refusal?.code == .storeUnavailable)
    }
}
