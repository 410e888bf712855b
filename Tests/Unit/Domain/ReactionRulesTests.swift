import Domain
import Testing

@Suite struct ReactionRulesTests {
    @Test(arguments: ["👍", "👍🏽", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "#️⃣", "❤️", ":+1:", "party_parrot-2", "é", String(repeating: "x", count: 64)])
    func signs(_ text: String) throws {
        #expect(try ReactionRules.sign(text) == text)
    }

    @Test(arguments: [
        "", " ", "a b", "a\n", "\"", "\\", "{", "}", "[", ",", "\u{0}", "\u{85}", "\u{202E}x", "\u{2028}",
        String(repeating: "x", count: 65),
    ])
    func whatIsNone(_ text: String) {
        #expect(throws: Refusal.invalid("reaction", ReactionRules.rule)) { try ReactionRules.sign(text) }
    }
}
