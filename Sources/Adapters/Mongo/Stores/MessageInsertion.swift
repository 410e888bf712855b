import Application
import Domain

/// Stores messages, each with an outcome of its own.
///
/// All go out in one bulk write. It is unordered, which for MongoDB means only that a refusal does not end it: a batch
/// that is delivered again costs one round trip, not one per message. What collided is then looked up: a message
/// with the same `_id` is the same message; one with the same `tempId` came first, and a tombstone takes the number.
/// Whatever comes of it, no number is left without a document: a page of history would end there for good.
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
        let stored = try placesByID(collided, in: collection)
        let rest = collided.filter { stored[messages[$0].id] == nil }
        let firsts = try firstsByTempID(rest, in: collection)
        var tombstones: [(index: Int, first: MessageID)] = []
        var placeholders: [Int] = []
        for index in collided {
            let message = messages[index]
            if let there = stored[message.id] {
                outcomes[index] = there.outcome(of: message)
                if there.isElsewhere(message), !outcomes[index].isRejected {
                    placeholders.append(index)
                }
            } else if let key = TempKey(message), let first = firsts[key] {
                if first.seq == message.seq {
                    // Its number was given twice, the first time by a Redis that lost it: there is no other to take.
                    outcomes[index] = .duplicate(of: first.id)
                } else {
                    tombstones.append((index, first.id))
                }
            } else if message.isPlaceholder {
                // A placeholder keeps a number from being a hole; whatever stands there does that, too.
                outcomes[index] = .stored
            } else {
                outcomes[index] = .rejected("number \(message.seq) of the room holds another message")
            }
        }
        try insert(tombstones, in: collection)
        try insert(placeholders, in: collection)
    }

    /// Where messages of these ids stand.
    private func placesByID(
        _ indexes: [Int], in collection: borrowing MongoCollection
    ) throws(MongoError) -> [MessageID: StoredPlace] {
        let filter = BSONDocument { filter in
            filter.append("_id") { id in
                id.append("$in", array: indexes) { $0.append($1, messages[$2].id) }
            }
        }
        let projection = BSONDocument { fields in
            for field: BSONKey in ["roomId", "seq", "duplicateOf", "isDeleted", "tempId"] {
                fields.append(field, int32: 1)
            }
        }
        let found = try collection.find(filter, FindOptions(projection: projection, limit: indexes.count))
        return try decoding { () throws(BSONError) in
            var places: [MessageID: StoredPlace] = [:]
            for document in found {
                places[try document.value("_id", as: \.objectID)] = try StoredPlace(document)
            }
            return places
        }
    }

    /// What the same `tempId`s of the same senders were stored as.
    private func firstsByTempID(
        _ indexes: [Int], in collection: borrowing MongoCollection
    ) throws(MongoError) -> [TempKey: Message] {
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
            var firsts: [TempKey: Message] = [:]
            for document in found {
                let message = try MessageDocument.message(document)
                if let key = TempKey(message) {
                    firsts[key] = message
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

    /// Keeps the numbers of messages whose ids stand at others: under ids of their own. A number that something stands
    /// at is kept already.
    private mutating func insert(
        _ placeholders: [Int], in collection: borrowing MongoCollection
    ) throws(MongoError) {
        var batch = BSONBatch(capacity: placeholders.count * MessageInsertion.typicalBytes)
        for index in placeholders {
            _ = batch.append { MessageDocument.writePlaceholder(for: messages[index], into: &$0) }
        }
        for refusal in try collection.insert(batch, ordered: false).refusals where !refusal.error.isDuplicateKey {
            outcomes[placeholders[refusal.index]] = .rejected(refusal.error.message)
        }
    }
}

/// What stands in the store under a message's id.
private struct StoredPlace {
    private let room: RoomID
    private let seq: UInt64
    /// Whose late repeat it is; nil where it is none.
    private let first: MessageID?
    /// A deleted message keeps its `tempId`; a placeholder for a refused one never had it.
    private let isPlaceholder: Bool

    init(_ document: BSONDocument) throws(BSONError) {
        room = try document.value("roomId", as: \.objectID)
        seq = try document.value("seq", as: \.uint64)
        first = try document.valueIfPresent("duplicateOf", as: \.objectID)
        isPlaceholder = document["isDeleted"]?.bool == true && document["tempId"] == nil
    }

    /// Whether it leaves the number of `message` empty. A gateway without an answer asks again under the same id: where
    /// the first try was given up meanwhile, or lost by Redis, the repeat gets a number of its own.
    func isElsewhere(_ message: Message) -> Bool { room != message.roomID || seq != message.seq }

    /// What an earlier try made of `message`.
    func outcome(of message: Message) -> StoreOutcome {
        if let first { return .duplicate(of: first) }
        if isPlaceholder, message.tempID != nil { return .rejected("an earlier try was refused") }
        return isElsewhere(message) && !message.isPlaceholder ? .storedElsewhere : .stored
    }
}

extension Message {
    /// Whether it only keeps a number: it stands for what could not be stored.
    fileprivate var isPlaceholder: Bool { isDeleted && tempID == nil }
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
