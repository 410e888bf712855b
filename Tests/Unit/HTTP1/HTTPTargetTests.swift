import Testing
import WireProtocols

@Suite struct HTTPTargetTests {
    private static func target(_ text: String) throws -> HTTPTarget { try HTTPTarget(Array(text.utf8).span) }

    @Test(arguments: [
        ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb/%63", ["a/b", "c"]),
        ("/a+b", ["a+b"]), ("http://h", [""]), ("HTTP://h:80/x/y", ["x", "y"]), ("https://h?q=1", [""]), ("*", []),
        ("/%ED%95%9C", ["한"]),
    ])
    func segments(text: String, segments: [String]) throws {
        #expect(try Self.target(text).segments == segments)
    }

    @Test func queries() throws {
        let target = try Self.target("/p?a=1&b=&c&a=2&&d=x%3Dy%26z+w=v&%C3%A9=ok")
        #expect(target.path == "/p")
        #expect(target.query.map(\.name) == ["a", "b", "c", "a", "d", "é"])
        #expect(target["a"] == "1")
        #expect(target["b"] == "")
        #expect(target["c"] == "")
        #expect(target["d"] == "x=y&z w=v")
        #expect(target["e"] == nil)
        #expect(try Self.target("https://h?q=1")["q"] == "1")
    }
}
