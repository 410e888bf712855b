import Support
import Testing

/// The command line, as a person or a script sees it.
@Suite(.timeLimit(.minutes(2))) struct CommandLineTests {
    @Test func versionIsPrinted() async throws {
        let outcome = try await ShootProcess.run(["--version"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.wholeMatch(of: /shoot \d+\.\d+\.\d+\n/) != nil, "\(outcome.output)")
    }

    @Test(arguments: [
        ["--help"], ["-h"], ["help"], ["gateway", "--help"], ["persister", "--help"], ["migrate", "--help"],
        ["local", "--help"], ["trace", "--help"], ["gateway", "-h"],
    ])
    func helpIsPrinted(_ arguments: [String]) async throws {
        let outcome = try await ShootProcess.run(arguments)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.contains("shoot \(arguments.count > 1 ? arguments[0] : "gateway")"))
    }

    @Test(arguments: [
        [], ["serve"], ["gateway", "now"], ["--version", "all"], ["local", "--clutter"], ["--gateway"],
        ["trace"], ["trace", "--url", "127.0.0.1"], ["trace", "--every"],
    ])
    func wrongUseExitsWithTwoAndOneLine(_ arguments: [String]) async throws {
        let outcome = try await ShootProcess.run(arguments)
        #expect(outcome.exitCode == 2)
        #expect(Self.isOneLine(outcome.output), "\(outcome.output)")
        #expect(outcome.output.contains("--help"))
    }

    @Test(
        arguments: ["gateway", "persister", "migrate"],
        [
            ("SHOOT_HTTP_PORT", "eighty"), ("SHOOT_PROFILE", "test"), ("SHOOT_CONFIG", "/nowhere/shoot.yaml"),
            ("SHOOT_REDIS_URL", "http://127.0.0.1"), ("SHOOT_JWT_KEYS", "short:key"), ("SHOOT_PROFILE", "prod"),
            ("SHOOT_REDIS_URL", "redis://lone@127.0.0.1"), ("SHOOT_MONGODB_URL", "mongodb://"),
            ("SHOOT_HTTP_HOST", "localhost"), ("SHOOT_HTTP_TRUSTED_PROXIES", "balancer"),
        ])
    func badConfigurationExitsWithTwoAndOneLine(_ command: String, _ setting: (String, String)) async throws {
        let outcome = try await ShootProcess.run([command], environment: [setting.0: setting.1])
        #expect(outcome.exitCode == 2)
        #expect(Self.isOneLine(outcome.output), "\(outcome.output)")
        #expect(!outcome.output.contains("short:key"), "values may be secrets")
    }

    private static func isOneLine(_ output: String) -> Bool {
        output.hasPrefix("shoot: ") && output.hasSuffix("\n") && output.filter { $0 == "\n" }.count == 1
    }
}
