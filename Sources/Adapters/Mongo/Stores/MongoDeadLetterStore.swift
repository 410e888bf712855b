import Application
import Domain

/// Dead letters in MongoDB.
public struct MongoDeadLetterStore: DeadLetterStore {
    private let mongo: MongoClientPool

    /// The store behind `mongo`, whose schema has been made by `MongoSchema.migrate`.
    public init(_ mongo: MongoClientPool) { self.mongo = mongo }

    /// Keeps dead letters; one that is kept already stays as it is, whatever has become of it. One of another message,
    /// which has the place because Redis lost who had it first, is kept beside it.
    public func keep(_ letters: [DeadLetter]) async throws(StoreError) {
        try await mongo.store { client throws(MongoError) in
            var batch = BSONBatch()
            for letter in letters where !batch.append({ DeadLetterDocument.write(letter, into: &$0) }) {
                _ = batch.append { DeadLetterDocument.write(letter, withMessage: false, into: &$0) }
            }
            let collection = client.collection(.deadLetters)
            let refusals = try collection.insert(batch, ordered: false).refusals
            if let refusal = refusals.first(where: { !$0.error.isDuplicateKey }) {
                throw refusal.error
            }
            try collection.write(ordered: false) { bulk throws(MongoError) in
                for letter in refusals.lazy.map({ letters[$0.index] }) {
                    guard let id = letter.origin?.messageID else { continue }
                    try bulk.updateOne(DeadLetterDocument.filter(letter, without: id), DeadLetterDocument.add(letter))
                }
            }.check()
        }
    }

    /// One of them; nil where there is none of that id.
    public func letter(_ id: EntryID) async throws(StoreError) -> KeptDeadLetter? {
        try await mongo.store { client throws(MongoError) in
            let found = try client.collection(.deadLetters).findOne(BSONDocument { $0.append("_id", "\(id)") })
            guard let found else { return nil }
            return try decoding { () throws(BSONError) in try DeadLetterDocument.letter(found) }
        }
    }

    /// Up to `limit` (at most 100) of them, what failed last first, those that come behind `last` where it is given.
    /// - Parameter state: only these; nil for all.
    public func page(
        in state: DeadLetterState?, after last: KeptDeadLetter?, limit: Int
    ) async throws(StoreError) -> [KeptDeadLetter] {
        let filter = BSONDocument { filter in
            if let state {
                filter.append("state", state.rawValue)
            }
            guard let last else { return }
            let behind = [
                BSONDocument { $0.append("failedAt") { $0.append("$lt", last.failedAt) } },
                BSONDocument {
                    $0.append("failedAt", last.failedAt)
                    $0.append("_id") { $0.append("$lt", "\(last.letter.id)") }
                },
            ]
            filter.append("$or", array: behind) { $0.append($1, $2) }
        }
        let sort = BSONDocument { sort in
            sort.append("failedAt", int32: -1)
            sort.append("_id", int32: -1)
        }
        return try await mongo.store { client throws(MongoError) in
            let options = FindOptions(sort: sort, limit: limit.clamped(to: MongoLimits.maxPage))
            let found = try client.collection(.deadLetters).find(filter, options)
            return try decoding { () throws(BSONError) in try found.map(DeadLetterDocument.letter) }
        }
    }

    /// Puts what could not be stored in the place of its placeholder.
    /// - Throws: `StoreError`; why it is not done for a reason of its own is in the answer.
    public func replay(_ id: EntryID, at time: Timestamp) async throws(StoreError) -> DeadLetterSettlement {
        try await mongo.store { client throws(MongoError) in
            let replay = DeadLetterReplay(id: id, time: time)
            do throws(MongoError) {
                return try client.transaction { transaction throws(MongoError) in try replay.run(in: transaction) }
            } catch  where !error.isRetriable && error.domain != .protocolFault {
                return .refused("MongoDB refuses it: \(error.message)")
            }
        }
    }

    /// Marks that nothing more is to be done about it; its placeholder stays.
    /// - Throws: `StoreError`; why it is not done for a reason of its own is in the answer.
    public func drop(_ id: EntryID, at time: Timestamp) async throws(StoreError) -> DeadLetterSettlement {
        try await mongo.store { client throws(MongoError) in
            try client.transaction { transaction throws(MongoError) in
                try DeadLetterReplay(id: id, time: time).drop(in: transaction)
            }
        }
    }
}
