import Application
import Domain
import Testing

@testable import Mongo

@Suite struct RoomAdvanceTests {
    @Test("A room moves forward only, and a change after the newest message counts as forward")
    func forwardOnly() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            try await fixture.fill(room.id, count: 5)
            let late = MongoFixture.message(3, in: room.id)
            try await fixture.messages.advance([
                RoomProgress(
                    roomID: room.id, position: Position(seq: 3), lastMessage: LastMessage(of: late),
                    readBySenders: [1: 3])
            ])
            let summary = try #require(try await fixture.rooms.room(room.id, for: 1))
            #expect(summary.room.lastSeq == 5 && summary.room.lastMessage?.seq == 5)
            #expect(summary.own.lastReadSeq == 5)
            #expect(summary.room.lastActiveAt == Timestamp(milliseconds: MongoFixture.time.milliseconds + 5))

            let change = RoomProgress(
                roomID: room.id, position: Position(seq: 5, change: 2), lastMessage: nil, readBySenders: [:])
            try await fixture.messages.advance([change, change])
            let state = try #require(try await fixture.rooms.warmState(of: room.id))
            #expect(state.last == Position(seq: 5, change: 2))
            #expect(try await fixture.rooms.room(room.id, for: 1)?.room.lastMessage?.seq == 5)
        }
    }

    @Test("Sending is reading, for those who are in the room")
    func reads() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [2])
            try await fixture.messages.advance([
                RoomProgress(
                    roomID: room.id, position: Position(seq: 9), lastMessage: nil,
                    readBySenders: [1: 9, 2: 4, 3: 7])
            ])
            #expect(try await fixture.rooms.room(room.id, for: 1)?.unreadCount == 0)
            #expect(try await fixture.rooms.room(room.id, for: 2)?.unreadCount == 5)
            #expect(try await fixture.rooms.participant(3, of: room.id) == nil)
        }
    }

    @Test("Membership follows the log, once, in order")
    func membership() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [2])
            let changes = [
                applied(.invited, [3, 4], version: 2, seq: 1), applied(.kicked, [3], version: 3, seq: 2),
                applied(.left, [2], version: 4, seq: 3),
            ]
            try await fixture.messages.advance([progress(room.id, seq: 3, changes)])
            let state = try #require(try await fixture.rooms.warmState(of: room.id))
            #expect(state.membershipVersion == 4)
            #expect(state.members.map(\.userID) == [1, 4])
            #expect(state.members.map(\.joinedSeq) == [0, 1])
            let invited = try #require(try await fixture.rooms.participant(4, of: room.id))
            #expect(invited.role == .member && invited.lastReadSeq == 1)

            // A late worker that has only the first of them brings nobody back.
            try await fixture.messages.advance([progress(room.id, seq: 1, [changes[0]])])
            #expect(try await fixture.rooms.warmState(of: room.id) == state)
        }
    }

    @Test("Lists that were asked for before show what came since")
    func lists() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [2])
            func listed() async throws -> [UserID: UInt64] {
                let page = try await fixture.rooms.rooms(of: 1, limit: 5, cursor: nil)
                let participants = try #require(page.items.first).participants
                return Dictionary(uniqueKeysWithValues: participants.map { ($0.userID, $0.lastReadSeq) })
            }
            #expect(try await listed() == [1: 0, 2: 0])
            let sent = RoomProgress(
                roomID: room.id, position: Position(seq: 1), lastMessage: nil, readBySenders: [2: 1])
            try await fixture.messages.advance([sent])
            #expect(try await listed() == [1: 0, 2: 1])
            try await fixture.messages.advance([
                progress(room.id, seq: 2, [applied(.invited, [3], version: 2, seq: 2)])
            ])
            #expect(try await listed() == [1: 0, 2: 1, 3: 2])
        }
    }

    @Test("Workers that apply overlapping changes at once agree in the end")
    func concurrentMembership() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [])
            let changes = (1...20).map { step in
                let kind: MembershipChange.Kind = step % 2 == 1 ? .invited : .kicked
                return applied(kind, [7], version: UInt64(step + 1), seq: UInt64(step))
            }
            try await withThrowingTaskGroup { group in
                for count in [5, 10, 20, 15, 20, 1] {
                    let progress = progress(room.id, seq: UInt64(count), Array(changes[..<count]))
                    group.addTask { try await fixture.messages.advance([progress]) }
                }
                try await group.waitForAll()
            }
            let state = try #require(try await fixture.rooms.warmState(of: room.id))
            #expect(state.membershipVersion == 21)
            #expect(state.last == Position(seq: 20))
            #expect(state.members.map(\.userID) == [1])
        }
    }

    @Test("A room that is gone is passed over")
    func goneRoom() async throws {
        try await MongoFixture.with { fixture in
            let gone = MongoFixture.newID()
            try await fixture.messages.advance([progress(gone, seq: 1, [applied(.invited, [1], version: 2, seq: 1)])])
            #expect(try await fixture.rooms.warmState(of: gone) == nil)
            #expect(try await fixture.rooms.participant(1, of: gone) == nil)
        }
    }

    private func applied(
        _ kind: MembershipChange.Kind, _ users: [UserID], version: UInt64, seq: UInt64
    ) -> AppliedMembership {
        AppliedMembership(
            change: MembershipChange(kind: kind, userIDs: users, version: version), seq: seq, at: MongoFixture.time)
    }

    private func progress(_ room: RoomID, seq: UInt64, _ membership: [AppliedMembership]) -> RoomProgress {
        RoomProgress(
            roomID: room, position: Position(seq: seq), lastMessage: nil, readBySenders: [:], membership: membership)
    }
}
