import Domain
import Launcher
import Support
import Testing

@testable import Mongo

@Suite struct MongoClientPoolTests {
    @Test("The schema is made once, however often and by however many it is asked for")
    func migration() async throws {
        try await MongoFixture.with { fixture in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { try await MongoSchema.migrate(fixture.mongo) }
                }
                try await group.waitForAll()
            }
            let made = try await fixture.mongo.run { client throws(MongoError) in
                var made: [String: Set<String>] = [:]
                for collection in CollectionName.allCases {
                    let answer = try client.run(BSONDocument { $0.append("listIndexes", collection.rawValue) })
                    let indexes = answer["cursor"]?.document?["firstBatch"]?.array ?? []
                    made[collection.rawValue] = Set(indexes.compactMap { $0.document?["name"]?.string })
                }
                return made
            }
            #expect(
                made == [
                    "rooms": ["_id_", "pair"], "participants": ["_id_", "room_user", "user_room"],
                    "messages": ["_id_", "room_seq", "room_sender_temp", "room_changed"],
                    "deadLetters": ["_id_", "state_failed"],
                ])
        }
    }

    @Test("A query of more than one batch is read to its end")
    func manyBatches() async throws {
        try await MongoFixture.with { fixture in
            let found = try await fixture.mongo.run { client throws(MongoError) in
                let rooms = client.collection(.rooms)
                let text = String(repeating: "x", count: 100_000)
                for part in 0..<4 {
                    var batch = BSONBatch()
                    for index in 0..<100 {
                        _ = batch.append { writer in
                            writer.append("_id", int32: Int32(part * 100 + index))
                            writer.append("text", text)
                        }
                    }
                    try rooms.insert(batch, ordered: true).check()
                }
                let sort = BSONDocument { $0.append("_id", int32: 1) }
                return try rooms.find(BSONDocument(), FindOptions(sort: sort, limit: 390)).map { $0["_id"]?.int64 }
            }
            #expect(found == (0..<390).map(Int64.init))
        }
    }

    @Test("An ordered write ends at the first refusal; an unordered one goes on")
    func ordering() async throws {
        try await MongoFixture.with { fixture in
            for (isOrdered, expected) in [(true, [1, 2]), (false, [1, 2, 3])] as [(Bool, [Int64])] {
                let found = try await fixture.mongo.run { client throws(MongoError) in
                    let rooms = client.collection(.rooms)
                    var batch = BSONBatch()
                    for id in [1, 2, 1, 3] as [Int32] {
                        _ = batch.append { $0.append("_id", int32: id) }
                    }
                    let result = try rooms.insert(batch, ordered: isOrdered)
                    guard result.refusals.allSatisfy({ $0.error.duplicateKeyFields == ["_id"] }) else {
                        throw result.refusals[0].error
                    }
                    let ids = try rooms.find(BSONDocument(), FindOptions(limit: 10)).compactMap { $0["_id"]?.int64 }
                    try rooms.write(ordered: false) { bulk throws(MongoError) in
                        for id in ids {
                            try bulk.deleteOne(BSONDocument { $0.append("_id", int64: id) })
                        }
                    }.check()
                    return ids.sorted()
                }
                #expect(found == expected)
            }
        }
    }

    @Test("What a transaction did is gone where its body fails")
    func rollback() async throws {
        try await MongoFixture.with { fixture in
            await #expect(throws: MongoError.self) {
                try await fixture.mongo.run { client throws(MongoError) in
                    try client.transaction { transaction throws(MongoError) in
                        try transaction.collection(.rooms).insertOne { $0.append("_id", int32: 1) }
                        throw MongoError(.refused, "changed its mind")
                    }
                }
            }
            let left = try await count(fixture)
            #expect(left == 0)
        }
    }

    @Test("Transactions that meet are tried again until each has been done once")
    func conflicts() async throws {
        try await MongoFixture.with { fixture in
            try await fixture.mongo.run { client throws(MongoError) in
                try client.collection(.rooms).insertOne { writer in
                    writer.append("_id", int32: 1)
                    writer.append("n", int32: 0)
                }
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await fixture.mongo.run { client throws(MongoError) in
                            try client.transaction { transaction throws(MongoError) in
                                let rooms = transaction.collection(.rooms)
                                let id = BSONDocument { $0.append("_id", int32: 1) }
                                let n = try rooms.findOne(id)?["n"]?.int64 ?? 0
                                try rooms.write(ordered: true) { bulk throws(MongoError) in
                                    let update = BSONDocument { $0.append("$set") { $0.append("n", int64: n + 1) } }
                                    try bulk.updateOne(id, update)
                                }.check()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n = try await fixture.mongo.run { client throws(MongoError) in
                try client.collection(.rooms).findOne(BSONDocument())?["n"]?.int64
            }
            #expect(n == 20)
        }
    }

    @Test("A command that the server does not know is refused with the server's code")
    func unknownCommand() async throws {
        try await MongoFixture.with { fixture in
            let error = await #expect(throws: MongoError.self) {
                try await fixture.mongo.run { client throws(MongoError) in
                    _ = try client.run(BSONDocument { $0.append("noSuchCommand", int32: 1) })
                }
            }
            #expect(error?.domain == .refused && error?.code == 59)
        }
    }

    @Test("A server that is not there is unavailable, not a fault of the request")
    func nobodyThere() async throws {
        let mongo = try MongoClientPool(
            MongoConfiguration(uri: "mongodb://127.0.0.1:1/", threads: 1, serverSelectionMilliseconds: 200))
        let error = await #expect(throws: MongoError.self) { try await mongo.ping() }
        #expect(error?.domain == .unavailable && error?.isRetriable == true)
        await mongo.shutdown()
    }

    @Test("After shutdown nothing is accepted")
    func shutDown() async throws {
        let mongo = try MongoClientPool(MongoConfiguration(uri: "mongodb://127.0.0.1:1/", threads: 1))
        await mongo.shutdown()
        let error = await #expect(throws: MongoError.self) { try await mongo.ping() }
        #expect(error?.domain == .overloaded)
    }

    @Test("A server that goes away and comes back is found again by itself")
    func restart() async throws {
        let folder = try TestFolder.makeFolder("mongo-restart")
        let port = try LoopbackPort.free()
        let first = try await blocking { try MongoServer.start(folder: folder, port: port) }
        let mongo = try MongoClientPool(
            MongoConfiguration(uri: first.url, threads: 2, serverSelectionMilliseconds: 2000))
        try await mongo.ping()
        _ = try await blocking {
            first.process.kill(9)
            return first.process.waitForExit(within: .seconds(10))
        }
        let error = await #expect(throws: MongoError.self) { try await mongo.ping() }
        #expect(error?.isRetriable == true)
        let second = try await blocking { try MongoServer.start(folder: folder, port: port) }
        try await mongo.ping()
        await mongo.shutdown()
        _ = try await blocking { second.process.terminate() }
    }

    private func count(_ fixture: MongoFixture) async throws -> Int {
        try await fixture.mongo.run { client throws(MongoError) in
            try client.collection(.rooms).find(BSONDocument(), FindOptions(limit: 100)).count
        }
    }
}
