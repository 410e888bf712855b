import Application
import Domain

/// Stores messages, each with an outcome of its own.
///
/// All go out in one bulk write. It is unordered, which for MongoDB means only that a refusal does not end it: a batch
/// that is delivered again costs one round trip, not one per message. What collided is then looked up: a message
/// with the same `_id` is the same message; one with the same `tempId` came first, and a tombstone takes the number.
struct MessageInsertion {
    private let messages: [Message]
    private var outcomes: [StoreOutcome]

    /// Bytes of an ordinary message, to make room with.
    private static let typicalBytes = 384

    init(_ messages: [Message]) {
        self.messages = messages
        outcomes = Array(repeating: .stored, count: messages.count)
    }

    /// The documents of all messages; nil where one is larger than MongoDB takes.
    static func batch(_ messages: [Message]) -> BSONBatch? {
        var batch = BSONBatch(capacity: messages.count * typicalBytes)
        for message in messages where !batch.append({ MessageDocument.write(message, into: &$0) }) {
            return nil
        }
        return batch
    }

    /// Does it. May block.
    mutating func run(in collection: borrowing MongoCollection) throws(MongoError) -> [StoreOutcome] {
        var batch = BSONBatch(capacity: messages.count * MessageInsertion.typicalBytes)
        var sent: [Int] = []
        sent.reserveCapacity(messages.count)
        for (index, message) in messages.enumerated() {
            if batch.append({ MessageDocument.write(message, into: &$0) }) {
                sent.append(index)
            } else {
                outcomes[index] = .rejected("the message is larger than MongoDB takes")
            }
        }
        var collided: [Int] = []
        for refusal in try collection.insert(batch, ordered: false).refusals {
            if refusal.error.isDuplicateKey {
                collided.append(sent[refusal.index])
            } else {
                outcomes[sent[refusal.index]] = .rejected(refusal.error.message)
            }
        }
        if !collided.isEmpty {
            try resolve(collided, in: collection)
        }
        return outcomes
    }

    /// Finds out what the messages at these indexes collided with.
    ///
    /// The failed write has waited for the majority to have everything that the primary had, so that these reads see
    /// what it collided with, even if another persister wrote that a moment ago.
    private mutating func resolve(_ collided: [Int], in collection: borrowing MongoCollection) throws(MongoError) {
        let stored = try outcomesByID(collided, in: collection)
        let rest = collided.filter { stored[messages[$0].id] == nil }
        let firsts = try firstsByTempID(rest, in: collection)
        var tombstones: [(index: Int, first: MessageID)] = []
        for index in collided {
            let message = messages[index]
            if let earlier = stored[message.id] {
                outcomes[index] = earlier(message)
            } else if let key = TempKey(message), let first = firsts[key] {
                tombstones.append((index, first))
            } else if message.isDeleted, message.tempID == nil {
                // A placeholder keeps a number from being a hole; whatever stands there does that, too.
                outcomes[index] = .stored
            } else {
                outcomes[index] = .rejected("number \(message.seq) of the room holds another message")
            }
        }
        try insert(tombstones, in: collection)
    }

    /// For those that an earlier try stored, what it made of them.
    private func outcomesByID(
        _ indexes: [Int], in collection: borrowing MongoCollection
    ) throws(MongoError) -> [MessageID: (Message) -> StoreOutcome] {
        let filter = BSONDocument { filter in
            filter.append("_id") { id in
                id.append("$in", array: indexes) { $0.append($1, messages[$2].id) }
            }
        }
        let projection = BSONDocument { fields in
            for field: BSONKey in ["duplicateOf", "isDeleted", "tempId"] {
                fields.append(field, int32: 1)
            }
        }
        let found = try collection.find(filter, FindOptions(projection: projection, limit: indexes.count))
        return try decoding { () throws(BSONError) in
            var outcomes: [MessageID: (Message) -> StoreOutcome] = [:]
            for document in found {
                let first = try document.valueIfPresent("duplicateOf", as: \.objectID)
                // A deleted message keeps its tempId; a placeholder for a refused one never had it.
                let isPlaceholder = document["isDeleted"]?.bool == true && document["tempId"] == nil
                outcomes[try document.value("_id", as: \.objectID)] = { message in
                    if let first {
                        .duplicate(of: first)
                    } else if isPlaceholder, message.tempID != nil {
                        .rejected("an earlier try was refused")
                    } else {
                        .stored
                    }
                }
            }
            return outcomes
        }
    }

    /// The ids that the same `tempId`s of the same senders were stored under.
    private func firstsByTempID(
        _ indexes: [Int], in collection: borrowing MongoCollection
    ) throws(MongoError) -> [TempKey: MessageID] {
        let keys = indexes.compactMap { TempKey(messages[$0]) }
        guard !keys.isEmpty else { return [:] }
        let filter = BSONDocument { filter in
            filter.append("$or", array: keys) { writer, place, key in
                writer.append(place) { clause in
                    clause.append("roomId", key.room)
                    clause.append("senderId", key.sender)
                    clause.append("tempId", key.tempID)
                }
            }
        }
        let found = try collection.find(filter, FindOptions(limit: keys.count))
        return try decoding { () throws(BSONError) in
            var firsts: [TempKey: MessageID] = [:]
            for document in found {
                let message = try MessageDocument.message(document)
                if let key = TempKey(message) {
                    firsts[key] = message.id
                }
            }
            return firsts
        }
    }

    private mutating func insert(
        _ tombstones: [(index: Int, first: MessageID)], in collection: borrowing MongoCollection
    ) throws(MongoError) {
        var batch = BSONBatch(capacity: tombstones.count * MessageInsertion.typicalBytes)
        for (index, first) in tombstones {
            outcomes[index] = .duplicate(of: first)
            _ = batch.append { MessageDocument.writeTombstone(messages[index], repeating: first, into: &$0) }
        }
        for refusal in try collection.insert(batch, ordered: false).refusals
        where refusal.error.duplicateKeyFields != ["_id"] {
            outcomes[tombstones[refusal.index].index] = .rejected(refusal.error.message)
        }
    }
}

/// What a message may be stored under once only.
private struct TempKey: Hashable {
    let room: RoomID
    let sender: UserID
    let tempID: TempID

    /// The key of a message; nil for what the room itself says.
    init?(_ message: Message) {
        guard let tempID = message.tempID else { return nil }
        room = message.roomID
        sender = message.senderID
        self.tempID = tempID
    }
}
