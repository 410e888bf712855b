import Application
import Domain
import Testing

@testable import Mongo

@Suite struct FirstParticipantsTests {
    private static func room(_ number: UInt32) -> RoomID { ObjectID(seconds: number, process: 1, counter: 1) }

    private static func version(_ seq: UInt64, members: UInt64 = 1) -> RoomVersion {
        RoomVersion(savedPosition: Position(seq: seq), membershipVersion: members)
    }

    private static func participant(_ user: Int64) -> Participant {
        Participant(
            userID: UserID(rawValue: user), role: .member, joinedAt: Timestamp(milliseconds: 0), joinedSeq: 0,
            lastReadSeq: 0)
    }

    /// Asks for rooms, each with one participant of the room's number; gives the rooms that had to be read.
    private static func ask(
        _ kept: FirstParticipants, _ rooms: [(UInt32, RoomVersion)]
    ) throws -> [RoomID] {
        var read: [RoomID] = []
        let found = try kept.participants(of: rooms.map { (room($0), $1) }) { missing in
            read += missing
            return Dictionary(uniqueKeysWithValues: missing.map { ($0, [participant(Int64($0.seconds))]) })
        }
        #expect(found == Dictionary(uniqueKeysWithValues: rooms.map { (room($0.0), [participant(Int64($0.0))]) }))
        return read
    }

    @Test("A room that stayed as it was is read once")
    func unchanged() throws {
        let kept = FirstParticipants()
        let rooms = (1...3).map { (UInt32($0), Self.version(5)) }
        #expect(try Self.ask(kept, rooms) == rooms.map { Self.room($0.0) })
        #expect(try Self.ask(kept, rooms).isEmpty)
    }

    @Test("A message or a change of membership has it read again, and it alone")
    func changed() throws {
        let kept = FirstParticipants()
        _ = try Self.ask(kept, [(1, Self.version(5)), (2, Self.version(5)), (3, Self.version(5))])
        let now =
            [(1, Self.version(6)), (2, Self.version(5)), (3, Self.version(5, members: 2))] as [(UInt32, RoomVersion)]
        #expect(try Self.ask(kept, now) == [Self.room(1), Self.room(3)])
        #expect(try Self.ask(kept, now).isEmpty)
    }

    @Test("What is used stays, and of the rest so many")
    func bound() throws {
        // Each weighs two: four rooms in a generation.
        let kept = FirstParticipants(limit: 16)
        _ = try Self.ask(kept, [(1, Self.version(5))])
        for number in UInt32(2)...40 {
            #expect(try Self.ask(kept, [(number, Self.version(5))]) == [Self.room(number)])
            #expect(try Self.ask(kept, [(1, Self.version(5))]).isEmpty)
        }
        let again = try (UInt32(2)...40).count { try Self.ask(kept, [($0, Self.version(5))]).isEmpty }
        #expect(again < 8)
    }
}
