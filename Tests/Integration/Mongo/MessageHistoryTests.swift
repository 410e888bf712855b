import Application
import Domain
import Testing

@testable import Mongo

@Suite struct MessageHistoryTests {
    @Test("A page stops at the first hole, from either side")
    func holes() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            _ = try await fixture.messages.insert([1, 2, 4, 5].map { MongoFixture.message($0, in: room.id) })
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 10).map(\.seq) == [1, 2])
            #expect(try await fixture.messages.page(after: 2, of: room.id, limit: 10).isEmpty)
            let back = try await fixture.messages.page(before: 6, above: 0, of: room.id, limit: 10)
            #expect(back.map(\.seq) == [5, 4])
            #expect(try await fixture.messages.page(before: 4, above: 0, of: room.id, limit: 10).isEmpty)
        }
    }

    @Test("From the end means from what the room has saved, not from what was stored beyond a hole")
    func fromTheEnd() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            try await fixture.fill(room.id, count: 3)
            _ = try await fixture.messages.insert([MongoFixture.message(5, in: room.id)])
            let page = try await fixture.messages.page(before: nil, above: 0, of: room.id, limit: 2)
            #expect(page.map(\.seq) == [3, 2])
            let rest = try await fixture.messages.page(before: 2, above: 0, of: room.id, limit: 2)
            #expect(rest.map(\.seq) == [1])
            let above = try await fixture.messages.page(before: nil, above: 2, of: room.id, limit: 10)
            #expect(above.map(\.seq) == [3])
        }
    }

    @Test("A room that is not there, or has nothing in it, has an empty page")
    func nothing() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            for id in [room.id, MongoFixture.newID()] {
                #expect(try await fixture.messages.page(before: nil, above: 0, of: id, limit: 10).isEmpty)
                #expect(try await fixture.messages.page(before: .max, above: 0, of: id, limit: 10).isEmpty)
                #expect(try await fixture.messages.page(after: 0, of: id, limit: 10).isEmpty)
                #expect(try await fixture.messages.page(after: .max, of: id, limit: 10).isEmpty)
            }
        }
    }

    @Test("A page has at most 100 messages and at least one")
    func limits() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            try await fixture.fill(room.id, count: 150)
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 1000).count == 100)
            #expect(try await fixture.messages.page(before: nil, above: 0, of: room.id, limit: 0).map(\.seq) == [150])
        }
    }

    @Test("A declared jump is no hole")
    func jumps() async throws {
        try await MongoFixture.with { fixture in
            let room = try await fixture.group()
            _ = try await fixture.messages.insert([1, 2, 13, 14].map { MongoFixture.message($0, in: room.id) })
            try await fixture.mongo.run { client throws(MongoError) in
                try client.collection(.rooms).write(ordered: true) { bulk throws(MongoError) in
                    let jump = BSONDocument { jump in
                        jump.append("from", int32: 3)
                        jump.append("to", int32: 12)
                    }
                    try bulk.updateOne(
                        BSONDocument { $0.append("_id", room.id) },
                        BSONDocument { $0.append("$push") { $0.append("jumps", jump) } })
                }.check()
            }
            #expect(try await fixture.messages.page(after: 0, of: room.id, limit: 10).map(\.seq) == [1, 2, 13, 14])
            let back = try await fixture.messages.page(before: 15, above: 0, of: room.id, limit: 10)
            #expect(back.map(\.seq) == [14, 13, 2, 1])
        }
    }
}
