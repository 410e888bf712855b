import Domain
import Testing

@Suite struct UsernameTests {
    @Test(arguments: ["abc", "a.b", "a_b-c.d", "007", "x" + String(repeating: "y", count: 31)])
    func takes(text: String) {
        #expect(Username(text)?.text == text)
    }

    @Test func isLowerCase() {
        #expect(Username("Alice")?.text == "alice")
        #expect(Username("ALICE") == Username("alice"))
    }

    @Test(arguments: [
        "", "ab", String(repeating: "x", count: 33), "a b", " abc", "abc\n", "abc\u{0}", "álice", "-abc", "abc.", "_ab",
        "a@b", "a/b", "日本語", "\u{212A}elvin", String(repeating: "é", count: 16),
    ])
    func refuses(text: String) {
        #expect(Username(text) == nil)
    }
}
