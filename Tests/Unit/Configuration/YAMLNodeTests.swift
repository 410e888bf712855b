import Testing

@testable import Shoot

@Suite struct YAMLNodeTests {
    private func parse(_ text: String) throws -> YAMLNode { try YAMLNode.parse(Array(text.utf8)) }

    private func entry(_ key: String, _ line: Int, _ value: YAMLNode) -> YAMLNode.Entry {
        YAMLNode.Entry(key: key, line: line, value: value)
    }

    @Test func readsMappingsListsAndScalars() throws {
        let node = try parse("a:\n  b: 1 # one\n  c: [x, \"y z\"]\n# d: 2\ne:\n  - true\n")
        let inner = YAMLNode.mapping([
            entry("b", 2, .scalar("1")), entry("c", 3, .list([.scalar("x"), .scalar("y z")])),
        ])
        #expect(node == .mapping([entry("a", 1, inner), entry("e", 5, .list([.scalar("true")]))]))
    }

    @Test(arguments: ["", "# nothing but this\n", "---\n...\n"])
    func nothingIsNull(text: String) throws {
        #expect(try parse(text) == .null)
    }

    @Test(arguments: ["a:", "a: ~", "a: null"])
    func aKeyWithoutValueIsNull(text: String) throws {
        #expect(try parse(text) == .mapping([entry("a", 1, .null)]))
    }

    @Test func quotesMakeTextOfAnything() throws {
        #expect(try parse("a: \"\"\n") == .mapping([entry("a", 1, .scalar(""))]))
        #expect(try parse("a: 'null'\n") == .mapping([entry("a", 1, .scalar("null"))]))
    }

    @Test(arguments: [
        ("a: [1", 1), ("a: 1\nb\n", 2), ("a: 1\na: 2\n", 2), ("a: &x 1\nb: *x\n", 1), ("a: *x\n", 1),
        ("a: !!str 1\n", 1), ("\t: 1\n", 1), ("[x]: 1\n", 1), ("a: 1\n---\nb: 2\n", 2), ("a: \u{0}", 0),
    ])
    func refusesTheRest(text: String, line: Int) throws {
        let error = #expect(throws: YAMLError.self) { try parse(text) }
        if line > 0 { #expect((error?.line ?? 0) >= line) }
    }

    @Test func everyCutIsReadInPartOrRefused() throws {
        let text = Array("a:\n  b: [x, \"y\"]\nc: 'é'\n".utf8)
        let whole = try YAMLNode.parse(text)
        for end in 0..<text.count - 1 {
            guard let part = try? YAMLNode.parse(Array(text[..<end])) else { continue }
            #expect(part != whole)
        }
    }
}
