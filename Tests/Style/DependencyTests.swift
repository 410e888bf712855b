import Foundation
import Testing

/// `Package.swift` names what each target may import: this holds the names to what is imported.
@Suite struct DependencyTests {
    /// A target as `Package.swift` writes it.
    struct Target {
        let name: String
        let dependencies: [String]
        let path: String
    }

    /// Targets of which a test starts the executable, without importing it.
    static let started = ["EndToEndTests": ["Shoot", "ShootBench"]]

    private static func targets() throws -> [Target] {
        let manifest = try SourceFile.read("Package.swift").lines.joined(separator: "\n")
        let target =
            /(?:\.target|\.executableTarget|\.testTarget)\(\s*name: "(?<name>\w+)",(?<between>[^()]*?)path: "(?<path>[^"]+)"/
        return manifest.matches(of: target).map { match in
            let list = match.between.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
            return Target(
                name: String(match.name), dependencies: list.matches(of: /"(\w+)"/).map { String($0.1) },
                path: String(match.path))
        }
    }

    @Test func everyDependencyIsImported() throws {
        let targets = try Self.targets()
        #expect(targets.contains { $0.name == "Gateway" && $0.dependencies.contains("WireProtocols") })
        for target in targets {
            let files = try SourceFile.all(below: [target.path])
            // A target of C includes what it needs.
            guard !files.isEmpty else { continue }
            let imported = Set(
                files.flatMap(\.lines).compactMap { line in
                    line.firstMatch(of: /^(?:@testable )?import (\w+)/).map { String($0.1) }
                })
            for name in target.dependencies where !imported.contains(name) {
                guard Self.started[target.name]?.contains(name) != true else { continue }
                Issue.record("Package.swift: \(target.name) depends on \(name), and imports it nowhere")
            }
        }
    }
}
