import Application
import Domain
import Testing

@testable import Mongo

@Suite struct MongoRoomStoreTests {
    @Test("A group has its maker as owner and everybody else once")
    func group() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [3, 1, 2, 3])
            let page = try await fixture.rooms.participants(of: room.id, limit: 10, cursor: nil)
            #expect(page.items.map(\.userID) == [1, 2, 3])
            #expect(page.items.map(\.role) == [.owner, .member, .member])
            #expect(page.nextCursor == nil)
            let summary = try #require(try await fixture.rooms.room(room.id, for: 2))
            #expect(summary.room == room && summary.own.userID == 2 && summary.participants == page.items)
            #expect(try await fixture.rooms.room(room.id, for: 9) == nil)
            #expect(try await fixture.rooms.room(MongoFixture.newID(), for: 1) == nil)
        }
    }

    @Test("All of a group or nothing: an id that is taken leaves no participants behind")
    func allOrNothing() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [2])
            await #expect(throws: StoreError.self) {
                try await fixture.rooms.createGroup(
                    id: room.id, title: "Other", owner: 8, participantIDs: [9], at: MongoFixture.time)
            }
            #expect(try await fixture.rooms.participant(9, of: room.id) == nil)
            #expect(try await fixture.rooms.room(room.id, for: 1)?.room.title == "Group")
        }
    }

    @Test("A group of 10,000 is made, paged through and read whole")
    func largeGroup() async throws {
        try await MongoFixture.with { fixture in
            let members = (2...10_000).map(UserID.init(rawValue:))
            let room = try await fixture.group(of: members)
            #expect(try await fixture.rooms.warmState(of: room.id)?.members.map(\.userID) == [1] + members)
            let first = try await fixture.rooms.participants(of: room.id, limit: 1000, cursor: nil)
            #expect(first.items.count == 100 && first.nextCursor == "100")
            let last = try await fixture.rooms.participants(of: room.id, limit: 100, cursor: "9900")
            #expect(last.items.map(\.userID) == Array(members.suffix(100)) && last.nextCursor == nil)
            #expect(try await fixture.rooms.room(room.id, for: 1)?.participants.count == RoomSummary.maxParticipants)
        }
    }

    @Test("One room per pair, whichever order, also when many ask at the same moment")
    func pair() async throws {
        try await MongoFixture.with { fixture in
            for pair in 0..<5 {
                let (low, high) = (UserID(rawValue: Int64(pair * 2 + 1)), UserID(rawValue: Int64(pair * 2 + 2)))
                let answers = try await withThrowingTaskGroup { group in
                    for index in 0..<16 {
                        let (first, second) = index % 2 == 0 ? (low, high) : (high, low)
                        group.addTask {
                            try await fixture.rooms.individualRoom(
                                id: MongoFixture.newID(), between: first, and: second, at: MongoFixture.time)
                        }
                    }
                    return try await group.reduce(into: [(room: Room, created: Bool)]()) { $0.append($1) }
                }
                #expect(answers.count(where: \.created) == 1)
                #expect(Set(answers.map(\.room.id)).count == 1)
                let room = try #require(answers.first?.room)
                #expect(room.type == .individual)
                let page = try await fixture.rooms.participants(of: room.id, limit: 10, cursor: nil)
                #expect(page.items.map(\.userID) == [low, high])
            }
        }
    }

    @Test("Rooms are listed by their newest activity, page by page, each once, with unread counts")
    func list() async throws {
        try await MongoFixture.with { fixture in
            var rooms: [Room] = []
            for index in 0..<7 {
                // Two and two were active in the same millisecond.
                let time = Timestamp(milliseconds: MongoFixture.time.milliseconds - Int64(index / 2))
                rooms.append(try await fixture.group(of: [2], active: time))
            }
            _ = try await fixture.rooms.createGroup(
                id: MongoFixture.newID(), title: "Foreign", owner: 5, participantIDs: [], at: MongoFixture.time)
            try await fixture.fill(rooms[6].id, count: 3)
            var listed: [RoomSummary] = []
            var cursor: String?
            repeat {
                let page = try await fixture.rooms.rooms(of: 2, limit: 2, cursor: cursor)
                #expect(page.items.count <= 2)
                listed += page.items
                cursor = page.nextCursor
            } while cursor != nil
            let expected =
                [rooms[6].id]
                + rooms[..<6].sorted { ($0.lastActiveAt, $0.id) > ($1.lastActiveAt, $1.id) }
                .map(\.id)
            #expect(listed.map(\.room.id) == expected)
            #expect(listed.map(\.unreadCount) == [3, 0, 0, 0, 0, 0, 0])
            #expect(listed[0].room.lastMessage?.text == "hello")
            #expect(listed.allSatisfy { $0.own.userID == 2 && $0.participants.map(\.userID) == [1, 2] })
        }
    }

    @Test("A cursor that is not ours begins at the start; a user without rooms has none")
    func listEdges() async throws {
        try await MongoFixture.with { fixture in
            _ = try await fixture.group(of: [2])
            #expect(try await fixture.rooms.rooms(of: 2, limit: 10, cursor: "nonsense").items.count == 1)
            #expect(try await fixture.rooms.rooms(of: 3, limit: 10, cursor: nil).items.isEmpty)
        }
    }

    @Test("A cold room is told with its epoch, place, version and members")
    func warmState() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group(of: [2])
            try await fixture.fill(room.id, count: 4)
            let state = try #require(try await fixture.rooms.warmState(of: room.id))
            #expect(state.epoch == 1 && state.last == Position(seq: 4) && state.membershipVersion == 1)
            #expect(state.members.map(\.role) == [.owner, .member])
            #expect(try await fixture.rooms.warmState(of: MongoFixture.newID()) == nil)
        }
    }
}
