import Foundation
import Testing

/// What operators deploy with names what the code has, and the documents explain it.
@Suite struct DeploymentTests {
    /// What holds settings for Shoot's processes.
    private static func deployments() throws -> [SourceFile] {
        let folders = try ["config/kubernetes", "config/systemd"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: SourceFile.package.appending(path: folder).path)
                .sorted().map { "\(folder)/\($0)" }
        }
        return try (["Dockerfile", "compose.yaml", ".env.example"] + folders).map(SourceFile.read)
    }

    @Test(arguments: ["config/alerts.yml", "config/grafana/dashboards/shoot.json"])
    func everyMetricThatIsLookedAtExists(_ path: String) throws {
        let registered = try DocumentationTests.registeredMetrics()
        let file = try SourceFile.read(path)
        var found = 0
        for (index, line) in file.lines.enumerated() {
            for match in line.matches(of: /\bshoot_[a-z0-9_]+/) {
                let name = String(match.output)
                // A histogram is looked at by its parts.
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                found += 1
                #expect(
                    registered.contains(name) || registered.contains(base),
                    "\(file):\(index + 1): no process has \(name)")
            }
        }
        #expect(found > 10, "metrics are looked for in the wrong way")
    }

    @Test func everyAlertIsExplained() throws {
        let rules = try SourceFile.read("config/alerts.yml").lines
        let alerts = rules.compactMap { $0.firstMatch(of: /- alert: (\w+)/).map { String($0.1) } }
        let explained = try SourceFile.read("docs/operations.md").lines.compactMap { line in
            line.prefixMatch(of: /\| `(Shoot\w+)` \|/).map { String($0.1) }
        }
        #expect(alerts.count > 10, "alerts are looked for in the wrong way")
        #expect(alerts == explained, "config/alerts.yml and docs/operations.md have other alerts, or in another order")
        for key in ["summary:", "action:", "severity:"] {
            #expect(rules.count { $0.contains(key) } >= alerts.count, "an alert has no \(key)")
        }
    }

    @Test func everyVariableIsASetting() throws {
        let variable = /\bSHOOT_[A-Z0-9_]+/
        let settings = try SourceFile.read("config/shoot.yaml").lines.flatMap { $0.matches(of: variable) }
        let balancer = try SourceFile.read("config/haproxy.cfg").lines.flatMap { $0.matches(of: variable) }
        let known = Set((settings + balancer).map { String($0.output) })
        for file in try Self.deployments() {
            for (index, line) in file.lines.enumerated() {
                for name in line.matches(of: variable).map({ String($0.output) }) {
                    #expect(known.contains(name), "\(file):\(index + 1): nothing reads \(name)")
                }
            }
        }
    }

    @Test func everySecretIsLeftToTheOperator() throws {
        for line in try SourceFile.read(".env.example").lines where line.contains(/^[A-Z_]+=/) {
            #expect(line.contains(/^[A-Z_]+=([0-9]+:)?$/), ".env.example: \(line) holds a value")
        }
        for line in try SourceFile.read("config/kubernetes/10-secret.example.yaml").lines
        where line.contains(/^ +SHOOT_/) {
            #expect(line.hasSuffix(": \"\""), "config/kubernetes/10-secret.example.yaml: \(line) holds a value")
        }
    }
}
