import Domain
import Testing

@Suite struct NicknameTests {
    @Test(arguments: ["A", "Al Ice", "Ünïcödé", "日本語", "👩‍👩‍👧‍👧", String(repeating: "é", count: 40)])
    func takes(text: String) {
        #expect(Nickname(text)?.text == text)
    }

    @Test func isTrimmed() {
        #expect(Nickname(" \t Al \n")?.text == "Al")
    }

    @Test(arguments: [
        "", "   ", "\n", "a\nb", "a\u{0}b", "a\u{7F}b", "a\u{2028}b", String(repeating: "x", count: 41),
        "e" + String(repeating: "\u{301}", count: 80), String(repeating: "👩‍👩‍👧‍👧", count: 7),
    ])
    func refuses(text: String) {
        #expect(Nickname(text) == nil)
    }
}
