import Testing

@testable import Security

@Suite struct SigningKeysTests {
    static func secret(_ count: Int) -> String {
        String(repeating: "s", count: count)
    }

    @Test func firstSignsAndAllAreKnown() throws {
        let keys = try SigningKeys(["new:\(Self.secret(32))", "old-1.x_:\(Self.secret(48))"])
        #expect(keys.signing.id == "new")
        #expect(keys.all.map(\.id) == ["new", "old-1.x_"])
        #expect(keys.all.map(\.secret.count) == [32, 48])
    }

    @Test func emptyListIsNoList() {
        #expect(throws: SigningKeysError.empty) { try SigningKeys([]) }
    }

    @Test(arguments: ["", "k", ":\(secret(32))", "a b:\(secret(32))", "é:\(secret(32))", "\(secret(65)):\(secret(32))"])
    func malformedEntryIsNamedByItsPlace(text: String) {
        #expect(throws: SigningKeysError.malformed(entry: 1)) { try SigningKeys([text]) }
    }

    @Test func aSecretMayHoldAColon() throws {
        let keys = try SigningKeys(["k:\(Self.secret(32)):x"])
        #expect(keys.signing.secret == Array("\(Self.secret(32)):x".utf8))
    }

    @Test func tellsWhetherASecretIsShared() throws {
        let one = try SigningKeys(["a:\(Self.secret(32))", "b:\(Self.secret(33))"])
        #expect(one.sharesSecret(with: try SigningKeys(["c:\(Self.secret(33))"])))
        #expect(!one.sharesSecret(with: try SigningKeys(["a:\(Self.secret(34))"])))
    }

    @Test func laterEntriesAreCheckedToo() {
        let good = "k:\(Self.secret(32))"
        #expect(throws: SigningKeysError.malformed(entry: 2)) { try SigningKeys([good, ""]) }
        #expect(throws: SigningKeysError.duplicate(keyID: "k")) { try SigningKeys([good, good]) }
        #expect(throws: SigningKeysError.secretTooShort(keyID: "short")) {
            try SigningKeys([good, "short:\(Self.secret(31))"])
        }
    }

    @Test func errorsNeverQuoteASecret() {
        let error = #expect(throws: SigningKeysError.self) { try SigningKeys(["my key:\(Self.secret(32))"]) }
        #expect(error?.description.contains(Self.secret(32)) == false)
    }
}
