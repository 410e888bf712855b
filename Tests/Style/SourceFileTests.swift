import Testing

/// The style tests see what they are to find.
@Suite struct SourceFileTests {
    private let file = SourceFile(
        path: "Sample.swift",
        text: """
            /// Safe: never shared.
            final class A: Sendable {
                func one() -> Int { 1 }
                public func several(
                    a: Int
                ) throws(E) -> Int {
                    if a > 0 {
                        return a
                    }
                    return 0
                }
                @inlinable public static func == (a: A, b: A) -> Bool {
                    true
                }
                init?(x: Int) {
                }
            }
            protocol P {
                func required()
                func alsoRequired(
                    a: Int
                )
            }

            final class B: Sendable {}  // call() is not made here
            """)

    @Test func measuresFunctionsFromDeclarationToBrace() {
        #expect(file.functions.map(\.name) == ["func one", "func several", "func ==", "init"])
        #expect(file.functions.map(\.length) == [1, 8, 3, 2])
        #expect(file.functions.map(\.line) == [3, 4, 12, 15])
    }

    @Test func looksForTextOutsideOfComments() {
        #expect(file.lines(with: "return") == [8, 10])
        #expect(file.lines(with: "call()").isEmpty)
    }

    @Test func knowsWhatIsDocumented() {
        #expect(file.isDocumented(line: 2))
        #expect(!file.isDocumented(line: 25))
    }

    @Test func findsThePackage() throws {
        let paths = try SourceFile.all(below: ["Tests"]).map(\.path)
        #expect(paths.contains("Tests/Style/SourceFileTests.swift"))
    }
}
