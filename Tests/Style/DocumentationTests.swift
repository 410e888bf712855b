import Foundation
import Testing

/// The documents name what the code has, and what they point at is there.
@Suite struct DocumentationTests {
    /// Every document of the package, by path.
    private static func documents() throws -> [SourceFile] {
        let folder = SourceFile.package.appending(path: "docs").path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }
        return try (["README.md", "CHANGELOG.md"] + paths.sorted().map { "docs/\($0)" }).map(SourceFile.read)
    }

    /// The names of all metrics that the code registers.
    static func registeredMetrics() throws -> Set<String> {
        try SourceFile.all(below: ["Sources"]).flatMap(\.lines).reduce(into: []) { names, line in
            // Most lines name none, and a pattern costs time on each.
            guard line.contains("\"shoot_") else { return }
            names.formUnion(line.matches(of: /"(shoot_[a-z0-9_]+)"/).map { String($0.1) })
        }
    }

    @Test func everyMetricIsDescribed() throws {
        let registered = try Self.registeredMetrics()
        let operations = try SourceFile.read("docs/operations.md")
        let described = operations.lines.compactMap { line in
            line.prefixMatch(of: /\| `(shoot_[a-z0-9_]+)[`{]/).map { String($0.1) }
        }
        #expect(registered.count > 10, "metrics are looked for in the wrong way")
        #expect(registered.subtracting(described).sorted() == [], "not in docs/operations.md")
        #expect(Set(described).subtracting(registered).sorted() == [], "in docs/operations.md only")
        #expect(described.count == Set(described).count, "described twice in docs/operations.md")
    }

    @Test func linksLeadSomewhere() throws {
        for document in try Self.documents() {
            let folder = SourceFile.package.appending(path: document.path).deletingLastPathComponent()
            for (index, line) in document.lines.enumerated() {
                for link in line.matches(of: /\]\((?<path>[^)#:]+)(?:#[^)]*)?\)/) {
                    let exists = FileManager.default.fileExists(atPath: folder.appending(path: String(link.path)).path)
                    #expect(exists, "\(document):\(index + 1): there is no \(link.path)")
                }
            }
        }
    }

    @Test func everyDocumentIsListed() throws {
        let index = try SourceFile.read("docs/README.md").lines.joined()
        for document in try Self.documents() where document.path.wholeMatch(of: /docs\/[a-z-]+\.md/) != nil {
            let name = document.path.dropFirst("docs/".count)
            #expect(index.contains("](\(name))"), "docs/README.md does not list \(document)")
        }
    }

    @Test func everyDecisionIsListed() throws {
        let listed = try SourceFile.read("docs/adr/README.md").lines
        for document in try Self.documents() where document.path.hasPrefix("docs/adr/0") {
            let title = document.lines.first?.dropFirst(2) ?? ""
            let name = document.path.split(separator: "/").last ?? ""
            #expect(listed.contains("- [\(title)](\(name))"), "docs/adr/README.md does not list \(document)")
        }
    }
}
