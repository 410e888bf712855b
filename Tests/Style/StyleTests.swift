import Foundation
import Testing

/// What the compiler and `swift format` do not check, held by a test.
@Suite struct StyleTests {
    /// A file has one subject; one longer than this has two.
    static let longestFile = 350
    /// A function fits on a screen.
    static let longestFunction = 70

    static let product = Result { try SourceFile.all(below: ["Sources"]) }
    static let everything = Result { try SourceFile.all(below: ["Sources", "Tests"]) }

    /// What is not to be called, and what is to be done instead.
    static let banned: [(text: String, instead: String)] = [
        ("try" + "!", "handle the error or pass it on"),
        ("fatal" + "Error(", "preconditionFailure(\"cannot X when Y\") for a programmer's mistake, an error otherwise"),
        ("unsafe" + "BitCast(", "convert by an initializer"),
        ("Thread" + ".sleep", "await the condition"),
    ]

    @Test func filesAreShort() throws {
        for file in try Self.everything.get() where file.lines.count > Self.longestFile {
            Issue.record(
                "\(file): \(file.lines.count) lines, \(Self.longestFile) at most: it has more than one subject")
        }
    }

    @Test func functionsFitOnAScreen() throws {
        for file in try Self.everything.get() {
            for function in file.functions where function.length > Self.longestFunction {
                Issue.record("\(file):\(function.line): \(function.name) has \(function.length) lines")
            }
        }
    }

    @Test func nothingBannedIsCalled() throws {
        for file in try Self.everything.get() {
            for (text, instead) in Self.banned {
                for line in file.lines(with: text) { Issue.record("\(file):\(line): \(text) is banned: \(instead)") }
            }
        }
    }

    @Test func nothingIsLeftForLater() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        for file in try Self.everything.get() {
            for (index, line) in file.lines.enumerated() where marks.contains(where: line.contains) {
                Issue.record("\(file):\(index + 1): a mark left for later; do it now or write it down as an issue")
            }
        }
    }

    @Test func whatIsUncheckedSaysWhyItIsSafe() throws {
        let attribute = "@unche" + "cked Sendable"
        for file in try Self.everything.get() {
            for line in file.lines(with: attribute) where !file.isDocumented(line: line) {
                Issue.record("\(file):\(line): \(attribute) without a comment that says what makes it safe")
            }
        }
    }

    @Test func foundationStaysOutOfTheProduct() throws {
        for file in try Self.product.get() where !file.path.hasPrefix("Sources/Launcher/") {
            for line in file.lines(with: "import Found" + "ation") {
                Issue.record("\(file):\(line): Foundation costs the hot path; use Glibc, Synchronization and Bytes")
            }
        }
    }
}
