import Application
import Domain

/// Messages in MongoDB.
public struct MongoMessageStore: MessageStore, MessageReader {
    private let mongo: MongoClientPool

    /// The store behind `mongo`, whose schema has been made by `MongoSchema.migrate`.
    public init(_ mongo: MongoClientPool) {
        self.mongo = mongo
    }

    /// Stores messages, each with an outcome of its own, in the order given.
    public func insert(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome] {
        try await mongo.store { client throws(MongoError) in
            var insertion = MessageInsertion(messages)
            return try insertion.run(in: client.collection(.messages))
        }
    }

    /// Makes messages what they are after a change, each with an outcome of its own.
    public func change(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome] {
        guard !messages.isEmpty else { return [] }
        return try await mongo.store { client throws(MongoError) in
            var outcomes: [StoreOutcome] = Array(repeating: .stored, count: messages.count)
            for refusal in try RoomAdvance.change(messages, in: client.collection(.messages)).refusals {
                outcomes[refusal.index] = .rejected(refusal.error.message)
            }
            return outcomes
        }
    }

    /// Stores messages and advances rooms in one transaction; false, with nothing done, where a message is refused.
    public func storeAtOnce(
        _ messages: [Message], advancing rooms: [RoomProgress]
    ) async throws(StoreError) -> Bool {
        try await mongo.store { client throws(MongoError) in
            guard let batch = MessageInsertion.batch(messages) else { return false }
            do throws(MongoError) {
                try client.transaction { transaction throws(MongoError) in
                    // One after the other, since a transaction is one conversation: the commit alone waits for the disk.
                    try transaction.collection(.messages).insert(batch, ordered: true).check()
                    try RoomAdvance.move(
                        rooms, messages: transaction.collection(.messages),
                        participants: transaction.collection(.participants),
                        rooms: transaction.collection(.rooms))
                }
                return true
            } catch  where !error.isRetriable || error.code == ServerCode.writeConflict {
                return false
            }
        }
    }

    /// Advances rooms to what has been stored; never takes one back.
    public func advance(_ rooms: [RoomProgress]) async throws(StoreError) {
        try await mongo.store { client throws(MongoError) in
            try RoomAdvance.run(rooms, client)
        }
    }

    /// Up to `limit` (at most 100) messages below `seq` and above `floor`, newest first, up to the first hole.
    ///
    /// From the end means from the room's saved position: what is stored beyond it may still have holes before it.
    public func page(
        before seq: UInt64?, above floor: UInt64, of room: RoomID, limit: Int
    ) async throws(StoreError) -> [Message] {
        try await mongo.store { client throws(MongoError) in
            try MessageHistory(room: room, limit: limit).page(before: seq, above: floor, client)
        }
    }

    /// Up to `limit` (at most 100) messages above `seq`, oldest first, up to the first hole.
    public func page(after seq: UInt64, of room: RoomID, limit: Int) async throws(StoreError) -> [Message] {
        try await mongo.store { client throws(MongoError) in
            try MessageHistory(room: room, limit: limit).page(after: seq, client)
        }
    }

    /// Up to `limit` (at most 100) messages whose last change lies in `range`, in order of these changes.
    public func changed(
        in range: ChangeRange, numbered seqs: ClosedRange<UInt64>, of room: RoomID, limit: Int
    ) async throws(StoreError) -> [Message] {
        try await mongo.store { client throws(MongoError) in
            try MessageHistory(room: room, limit: limit).changed(in: range, numbered: seqs, client)
        }
    }

    /// Up to which position everything of a room is stored; nil where there is no such room.
    public func savedPosition(of room: RoomID) async throws(StoreError) -> Position? {
        try await mongo.store { client throws(MongoError) in try MessageHistory.savedPosition(of: room, client) }
    }

    /// A message with the place that its room had come to before it was read; nil where there is none.
    public func message(_ id: MessageID) async throws(StoreError) -> StoredMessage? {
        try await mongo.store { client throws(MongoError) in
            // Read once to learn its room, and once more behind the room's position.
            guard let room = try MessageHistory.message(id, client)?.roomID,
                let position = try MessageHistory.savedPosition(of: room, client),
                let message = try MessageHistory.message(id, client)
            else { return nil }
            return StoredMessage(message: message, completeUpTo: position)
        }
    }
}
