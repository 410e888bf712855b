import Bytes
import Testing

@testable import Security

@Suite struct SigningKeysTests {
    static func secret(_ count: Int) -> String {
        String(decoding: Base64.encode([UInt8](repeating: 7, count: count)), as: UTF8.self)
    }

    @Test func firstSignsAndAllAreKnown() throws {
        let keys = try SigningKeys("new:\(Self.secret(32)),old-1.x_:\(Self.secret(48))")
        #expect(keys.signing.id == "new")
        #expect(keys.all.map(\.id) == ["new", "old-1.x_"])
        #expect(keys.all.map(\.secret.count) == [32, 48])
    }

    @Test func emptyListIsNoList() {
        #expect(throws: SigningKeysError.empty) { try SigningKeys("") }
    }

    @Test(arguments: [
        ("k", 1), ("k:", 0), (":c2VjcmV0", 1), ("a b:c2VjcmV0", 1), ("k:not base 64!", 1), ("é:c2VjcmV0", 1),
        (",", 1),
    ])
    func malformedEntryIsNamedByItsPlace(text: String, entry: Int) {
        // No base 64 at all is a secret of no bytes.
        let expected = entry == 0 ? SigningKeysError.secretTooShort(keyID: "k") : .malformed(entry: entry)
        #expect(throws: expected) { try SigningKeys(text) }
    }

    @Test func laterEntriesAreCheckedToo() {
        let good = "k:\(Self.secret(32))"
        #expect(throws: SigningKeysError.malformed(entry: 2)) { try SigningKeys("\(good),") }
        #expect(throws: SigningKeysError.duplicate(keyID: "k")) { try SigningKeys("\(good),\(good)") }
        #expect(throws: SigningKeysError.secretTooShort(keyID: "short")) {
            try SigningKeys("\(good),short:\(Self.secret(31))")
        }
    }

    @Test func errorsNeverQuoteASecret() {
        let text = "my key:\(Self.secret(32))"
        #expect(throws: SigningKeysError.self) { try SigningKeys(text) }
        #expect(!SigningKeysError.malformed(entry: 1).description.contains(Self.secret(32)))
    }
}
