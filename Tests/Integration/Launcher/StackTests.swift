import Foundation
import Launcher
import Support
import Testing

@Suite struct StackTests {
    @Test func startsAllThreeAndGivesEachTestItsOwnDatabases() async throws {
        let servers = try await TestServers.shared
        for server in servers.stack.servers { #expect(server.process.isRunning) }
        let one = try await servers.freshDatabases()
        let other = try await servers.freshDatabases()
        #expect(Set(one.environment.values).isDisjoint(with: other.environment.values))
    }

    @Test func startsAgainOnTheDataOfAKilledRun() async throws {
        let folder = try TestFolder.makeFolder("killed")
        try await blocking {
            let ports = try Stack.Ports.free()
            // Not kept: a stack holds the lock on its folder.
            try Stack.start(in: StateFolder(folder), ports: ports, environment: [:]).kill()
            let second = try Stack.start(in: StateFolder(folder), ports: ports, environment: [:])
            #expect(second.servers.allSatisfy { $0.process.isRunning })
            second.stop()
            #expect(second.servers.map { $0.process.exitStatus } == [.exited(0), .exited(0), .exited(0)])
        }
    }

    @Test func usesServersThatTheEnvironmentNames() async throws {
        let folder = try TestFolder.makeFolder("given")
        let given = [
            "SHOOT_REDIS_URL": "redis://elsewhere", "SHOOT_POSTGRES_URL": "postgresql://elsewhere/chat",
            "SHOOT_MONGODB_URL": "mongodb://elsewhere",
        ]
        try await blocking {
            let stack = try Stack.start(in: StateFolder(folder), ports: .fixed, environment: given)
            #expect(stack.servers.isEmpty)
            #expect(stack.environment == given)
            stack.stop()
        }
    }

    @Test func aPortInUseIsNamedAndNothingIsLeftRunning() async throws {
        let folder = try TestFolder.makeFolder("busy")
        let servers = try await TestServers.shared
        try await blocking {
            let free = try Stack.Ports.free()
            let ports = Stack.Ports(
                redis: free.redis, postgres: try #require(servers.stack.postgres).port, mongo: free.mongo)
            let error = #expect(throws: LauncherError.self) {
                try Stack.start(in: StateFolder(folder), ports: ports, environment: [:])
            }
            #expect(error?.code == .portInUse)
            #expect(error?.message.contains("\(ports.postgres)") == true)
            #expect(LoopbackPort.isFree(free.redis))
        }
    }
}
