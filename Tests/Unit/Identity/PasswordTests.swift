import Domain
import Testing

@Suite struct PasswordTests {
    @Test(arguments: [8, 72])
    func takesAtItsBounds(count: Int) {
        #expect(Password(String(repeating: "x", count: count)) != nil)
    }

    @Test(arguments: [0, 7, 73, 100_000])
    func refusesBeyondThem(count: Int) {
        #expect(Password(String(repeating: "x", count: count)) == nil)
    }

    @Test func countsBytes() {
        #expect(Password("日本語") != nil)
        #expect(Password(String(repeating: "é", count: 37)) == nil)
        #expect(Password("12345678\u{0}9") == nil)
    }

    @Test func isNeverShown() throws {
        let password = try #require(Password("correct horse"))
        #expect("\(password)" == "(password)")
        #expect(String(reflecting: password) == "(password)")
    }
}
