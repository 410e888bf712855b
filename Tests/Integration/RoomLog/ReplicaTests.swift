import Application
import Domain
import Launcher
import Redis
import Support
import Testing
import WireProtocols

/// A receipt that waits for replicas: a real primary with a real replica.
@Suite(.timeLimit(.minutes(5))) struct ReplicaTests {
    @Test func answersWhenAReplicaHasTheMessage() async throws {
        try await withReplica { primary, _, _ in
            try await RoomLogHarness.with(redisURL: primary.url, waitReplicas: 1) { rooms in
                try await rooms.warm([(1, .owner)])
                let outcomes = try await rooms.publish(from: [1, 1])
                #expect(outcomes.allSatisfy { if case .inLog = $0 { true } else { false } }, "\(outcomes)")
            }
        }
    }

    @Test func tellsWhenTooFewReplicasHaveIt() async throws {
        try await withReplica { primary, replica, _ in
            let room = RoomLogHarness.newRoom()
            let tempID = RoomLogHarness.tempID(5)
            try await RoomLogHarness.with(redisURL: primary.url, waitReplicas: 1, room: room) { rooms in
                try await rooms.warm([(1, .owner)])
                replica.pause()
                let message = rooms.message(from: 1, tempID: tempID)
                #expect(try await rooms.publish([[message]]) == [.unconfirmed])
                // What is refused is refused, whatever the replicas have.
                #expect(try await rooms.publish(from: [9]) == [.refused(.notParticipant)])
            }
            // On connections that have written nothing themselves, a repeat must not be taken for safe.
            try await RoomLogHarness.with(redisURL: primary.url, waitReplicas: 1, room: room) { rooms in
                let again = rooms.message(from: 1, tempID: tempID)
                #expect(try await rooms.publish([[again]]) == [.unconfirmed])
                replica.resume()
                let outcome = try await rooms.publish([[again]])
                guard case .inLog(_, 1, _)? = outcome.first else {
                    Issue.record("\(outcome)")
                    return
                }
            }
        }
    }

    @Test func asksNobodyUnlessToldTo() async throws {
        try await withReplica { primary, replica, _ in
            replica.pause()
            try await RoomLogHarness.with(redisURL: primary.url) { rooms in
                try await rooms.warm([(1, .owner)])
                guard case .inLog? = try await rooms.publish(from: [1]).first else {
                    Issue.record("not answered as in the log")
                    return
                }
            }
        }
    }

    /// A primary whose replica is in step.
    private func withReplica(_ body: (RedisServer, RedisServer, OwnRedis) async throws -> Void) async throws {
        try await withRedis { _, primary, _ in
            try await withRedis { own, replica, loop in
                let client = try await RedisClient.start(own.configuration, on: loop)
                _ = try await client.command("REPLICAOF", "127.0.0.1", "\(primary.port)")
                _ = try await eventually("the replica is in step") {
                    try await client.command("INFO", "replication").text?.contains("master_link_status:up") == true
                        ? () : nil
                }
                try await body(primary, replica, own)
            }
        }
    }
}
