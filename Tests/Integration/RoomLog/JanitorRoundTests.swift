import Application
import Domain
import Mongo
import Testing
import WireProtocols

@testable import Redis

/// What a janitor says of rooms that MongoDB has otherwise than Redis.
@Suite(.timeLimit(.minutes(5))) struct JanitorRoundTests {
    /// Runs `body` with a room that Redis holds to be saved up to 5 and MongoDB has nothing of.
    private func with(_ body: @Sendable (RoomLogHarness, MongoFixture, Janitor) async throws -> Void) async throws {
        try await MongoFixture.with { fixture in
            try await RoomLogHarness.with(persisting: { options in
                options.idleMilliseconds = 0
                options.visitMilliseconds = 0
            }) { rooms in
                _ = try await fixture.rooms.createGroup(
                    id: rooms.room, title: "Group", owner: 1, participantIDs: [2], at: MongoFixture.time)
                try await rooms.warm([(1, .owner)], last: Position(seq: 5))
                try await body(rooms, fixture, Janitor(log: rooms.persistLog, rooms: fixture.rooms))
            }
        }
    }

    private func differing(_ janitor: Janitor) async throws -> [RoomID] {
        try await janitor.run { true }.roomsDiffering
    }

    @Test func aRoomIsToldThatDiffersTwiceRunning() async throws {
        try await with { rooms, _, janitor in
            let first = try await differing(janitor)
            let further = [try await differing(janitor), try await differing(janitor)]
            #expect(first == [] && further == [[rooms.room], [rooms.room]])
        }
    }

    @Test func aRoomThatWasWrittenToBetweenIsNotTold() async throws {
        try await with { rooms, _, janitor in
            for last in 6...8 {
                #expect(try await differing(janitor) == [])
                _ = try await rooms.client.command(
                    "HSET", rooms.name(.state), "last", "\(last)-0", "saved", "\(last)-0")
            }
        }
    }

    @Test func aRoomThatIsTheSameAgainLeavesRedis() async throws {
        try await with { rooms, fixture, janitor in
            #expect(try await differing(janitor) == [])
            try await fixture.fill(rooms.room, count: 5)
            let report = try await janitor.run { true }
            #expect(report.roomsDiffering == [] && report.roomsCooled == 1)
        }
    }
}
