import Testing

@testable import Launcher

@Suite struct LoopbackPortTests {
    @Test func freePortsAreNeverGivenTwice() throws {
        let ports = try (0..<50).map { _ in try LoopbackPort.free() }
        #expect(Set(ports).count == ports.count)
    }

    @Test func aPortInUseIsNamedWithItsUser() throws {
        let listener = try Listener()
        #expect(!LoopbackPort.isFree(listener.port))
        let error = #expect(throws: LauncherError.self) { try LoopbackPort.requireFree(listener.port, for: "Redis") }
        #expect(error?.code == .portInUse)
        #expect(error?.description.contains("Port \(listener.port), which Redis needs,") == true)
    }
}
