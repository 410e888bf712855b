import Application
import Domain
import EventLoop
import Launcher
import Support
import Testing
import WireProtocols

@testable import Redis

@Suite(.timeLimit(.minutes(5))) struct OpeningTests {
    @Test func whoAsksAtOnceIsAnsweredEachWithTheirOwnPlace() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner), (500, .admin), (699, .member)])
            let room = rooms.room
            let roles: [Int64: Role?] = try await rooms.call { log, done in
                var answers: [Int64: Role?] = [:]
                for user: Int64 in 1...700 {
                    log.open(room, for: UserID(rawValue: user)) { result in
                        switch result {
                        case .success(let opening): answers[user] = opening.role
                        case .failure(let error): done(.failure(error))
                        }
                        if answers.count == 700 {
                            done(.success(answers))
                        }
                    }
                }
            }
            #expect(roles.compactMapValues { $0 } == [1: .owner, 500: .admin, 699: .member])
        }
    }

    @Test func aRoomThatIsClosedMeanwhileKeepsNoGroup() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let room = rooms.room
            // Redis knows the script from now on: a call that it has to be sent for anew comes after those behind it.
            _ = try await rooms.open(for: 1)
            let isRefused: Bool = try await rooms.call { log, done in
                var late: RoomOpening?
                log.open(room, for: UserID(rawValue: 1)) { _ in }
                log.open(room, for: UserID(rawValue: 1)) { late = try? $0.get() }
                log.close(room) { done(.success(late == nil)) }
            }
            #expect(isRefused)
            await #expect(throws: RoomLogError.noGroup) { try await rooms.read() }
        }
    }

    /// On a server of its own: others make scripts known, too.
    private func withServer(_ body: @Sendable (RoomLogHarness) async throws -> Void) async throws {
        let folder = try TestFolder.makeFolder("redis-scripts")
        let server = try await blocking { try RedisServer.start(folder: folder, port: try LoopbackPort.free()) }
        defer { server.kill() }
        try await RoomLogHarness.with(redisURL: server.url) { try await body($0) }
    }

    @Test func itsScriptsAreKnownBeforeTheyAreCalled() async throws {
        try await withServer { rooms in
            for script in RoomScripts.ofGateways {
                let digest = String(decoding: script.digest, as: UTF8.self)
                let known = try await rooms.client.command("SCRIPT", "EXISTS", digest)
                #expect(known.elements == [.integer(1)], "\(script.name)")
            }
        }
    }

    @Test func aRoomThatIsClosedWhileRedisIsAwayKeepsNoGroup() async throws {
        let folder = try TestFolder.makeFolder("redis-closing")
        let server = try await blocking { try RedisServer.start(folder: folder, port: try LoopbackPort.free()) }
        defer { server.kill() }
        let proxy = try TCPProxy.start(to: server.port)
        defer { proxy.close() }
        try await RoomLogHarness.with(redisURL: "redis://127.0.0.1:\(proxy.port)") { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.open(for: 1)
            let call = proxy.trap(.request, containing: [RoomScripts.close.digest, rooms.room.hexBytes])
            async let closed: Void = withCheckedContinuation { continuation in
                rooms.loop.execute { [log = rooms.log, room = rooms.room] in
                    log.value.close(room) { continuation.resume() }
                }
            }
            await call.sprung()
            call.cut()
            await closed
            try await eventually("the group is gone") {
                let groups = try? await rooms.client.command("XINFO", "GROUPS", rooms.logKey)
                return groups?.elements?.count == 1 ? () : nil
            }
        }
    }

    @Test func aRoomThatIsClosedWhileItIsOpenedKeepsNoGroup() async throws {
        try await withServer { rooms in
            try await rooms.warm([(1, .owner)])
            // The opening takes two calls, and the closing one.
            _ = try await rooms.client.command("SCRIPT", "FLUSH")
            let close = String(decoding: RoomScripts.close.source, as: UTF8.self)
            _ = try await rooms.client.command("SCRIPT", "LOAD", close)
            await withCheckedContinuation { continuation in
                rooms.loop.execute { [log = rooms.log, room = rooms.room] in
                    log.value.open(room, for: 1) { _ in }
                    log.value.close(room) { continuation.resume() }
                }
            }
            let groups = try await rooms.client.command("XINFO", "GROUPS", rooms.logKey)
            #expect(groups.elements?.count == 1, "the persister's")
            // Whoever wants it again meanwhile keeps it.
            await withCheckedContinuation { continuation in
                rooms.loop.execute { [log = rooms.log, room = rooms.room] in
                    log.value.open(room, for: 1) { _ in }
                    log.value.close(room) { continuation.resume() }
                    log.value.listen(to: room) { _ in }
                }
            }
            #expect(try await rooms.client.command("XINFO", "GROUPS", rooms.logKey).elements?.count == 2)
        }
    }
}
