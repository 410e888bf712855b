import Testing

@testable import Mongo

@Suite struct MongoErrorTests {
    @Test(
        "A connection string that is none is told as such",
        arguments: ["", "http://host", "mongodb://", "mongodb://h/?w"])
    func badURI(_ uri: String) {
        #expect {
            try MongoClientPool(MongoConfiguration(uri: uri))
        } throws: {
            ($0 as? MongoError)?.domain == .configuration
        }
    }

    @Test("Codes of the server say what may be done")
    func codes() {
        #expect(ServerCode.domain(of: 11000) == .duplicateKey)
        #expect(ServerCode.domain(of: 10107) == .unavailable)
        #expect(ServerCode.domain(of: 112) == .unavailable)
        #expect(ServerCode.domain(of: 121) == .refused)
        // The cache is full; an operator has stopped writes.
        #expect(ServerCode.domain(of: 365) == .unavailable && ServerCode.domain(of: 371) == .unavailable)
    }

    @Test("A refusal names its place and the fields of the index")
    func writeErrors() throws {
        let result = try BulkResult(reply(code: 11000), error: MongoError(.duplicateKey, code: 11000, "E11000"))
        #expect(result.refusals.map(\.index) == [3])
        #expect(result.refusals.first?.error.isDuplicateKey == true)
        #expect(result.refusals.first?.error.duplicateKeyFields == ["roomId", "seq"])
        #expect(throws: MongoError.self) { try result.check() }
    }

    @Test("A fault of the server is never a refusal of a document")
    func transientWriteError() {
        #expect {
            try BulkResult(reply(code: 11600), error: MongoError(.unavailable, code: 11600, "shutting down"))
        } throws: {
            ($0 as? MongoError)?.isRetriable == true
        }
    }

    @Test("Written, but not on a majority: to the caller it is not done")
    func writeConcernError() {
        let reply = BSONDocument { reply in
            let concern = BSONDocument {
                $0.append("code", int32: 64)
                $0.append("errmsg", "waiting for replication timed out")
            }
            reply.append("nInserted", int32: 1)
            reply.append("writeConcernErrors", array: [concern]) { $0.append($1, $2) }
        }
        #expect {
            try BulkResult(reply, error: nil)
        } throws: {
            ($0 as? MongoError)?.domain == .unavailable
        }
    }

    private func reply(code: Int32) -> BSONDocument {
        BSONDocument { reply in
            let entry = BSONDocument { entry in
                entry.append("index", int32: 3)
                entry.append("code", int32: code)
                entry.append("errmsg", "refused")
                entry.append("keyPattern") { pattern in
                    pattern.append("roomId", int32: 1)
                    pattern.append("seq", int32: 1)
                }
            }
            reply.append("writeErrors", array: [entry]) { $0.append($1, $2) }
        }
    }
}
