import Support
import Testing

/// Every fault of `make chaos`, for seconds in place of minutes.
extension LoadTests {
    @Test(.timeLimit(.minutes(12))) func everyFaultKeepsThePromises() async throws {
        let outcome = try await Command.run(
            try ShootProcess.binary() + "-bench",
            ["chaos", "--seconds", "2", "--clients", "60", "--rooms", "6", "--rate", "90"], within: .seconds(660))
        #expect(outcome.exitCode == 0, "\(outcome.output)")
    }
}
