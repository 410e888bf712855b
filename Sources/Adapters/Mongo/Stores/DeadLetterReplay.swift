import Application
import Domain

/// What became of a wish to replay or drop a dead letter.
public enum DeadLetterSettlement: Sendable, Equatable {
    case done(KeptDeadLetter)
    /// There is none of that id.
    case unknown
    /// It can't be done, for this reason; nothing was changed.
    case refused(String)
}

/// Settles one dead letter. What it holds and what is said of it change in one transaction, so that it is replayed once,
/// however many ask.
struct DeadLetterReplay {
    let id: EntryID
    let time: Timestamp

    /// Fills the placeholder. May block.
    func run(in transaction: borrowing MongoTransaction) throws(MongoError) -> DeadLetterSettlement {
        guard let kept = try letter(transaction) else { return .unknown }
        guard kept.state == .dead else { return .refused(settled(kept)) }
        guard let message = kept.letter.message else {
            return .refused(
                kept.letter.id.position.change > 0
                    ? "it is a change of a message, which is as it was before: whoever wants it makes it again"
                    : "the entry could not be read: there is nothing to store")
        }
        guard try isSaved(transaction) else {
            return .refused("the persister is still at work on it; try again in a second")
        }
        let messages = transaction.collection(.messages)
        if let refusal = try fill(message, messages) {
            return .refused(refusal)
        }
        let last = RoomDocument.update(last: LastMessage(message))
        try transaction.collection(.rooms).write(ordered: true) { bulk throws(MongoError) in
            try bulk.updateOne(BSONDocument { $0.append("_id", message.roomID) }, last)
        }.check()
        return .done(try mark(kept, .replayed, transaction))
    }

    /// Marks it as dropped. May block.
    func drop(in transaction: borrowing MongoTransaction) throws(MongoError) -> DeadLetterSettlement {
        guard let kept = try letter(transaction) else { return .unknown }
        guard kept.state == .dead else { return .refused(settled(kept)) }
        return .done(try mark(kept, .dropped, transaction))
    }

    private func letter(_ transaction: borrowing MongoTransaction) throws(MongoError) -> KeptDeadLetter? {
        let found = try transaction.collection(.deadLetters).findOne(BSONDocument { $0.append("_id", "\(id)") })
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in try DeadLetterDocument.letter(found) }
    }

    private func settled(_ kept: KeptDeadLetter) -> String {
        let when = kept.settledAt.map { " at \($0)" } ?? ""
        return "it has been \(kept.state == .replayed ? "replayed" : "dropped") already\(when)"
    }

    /// Whether the persister is done with the entry: its failure has been told then.
    private func isSaved(_ transaction: borrowing MongoTransaction) throws(MongoError) -> Bool {
        let room = try transaction.collection(.rooms).findOne(BSONDocument { $0.append("_id", id.roomID) })
        guard let room else { return false }
        return try decoding { () throws(BSONError) in try RoomDocument.savedPosition(room) >= id.position }
    }

    /// Puts the message in the place of its placeholder; why not, where that can't be.
    private func fill(_ message: Message, _ messages: borrowing MongoCollection) throws(MongoError) -> String? {
        let place = BSONDocument { filter in
            filter.append("roomId", message.roomID)
            filter.append("seq", message.seq)
        }
        guard let there = try messages.findOne(place),
            let standing = try? MessageDocument.message(there)
        else { return "nothing stands at number \(message.seq) of the room" }
        guard standing.id == message.id else {
            return "number \(message.seq) of the room holds another message, \(standing.id)"
        }
        // Stored after all, by a persister that was late: nothing is left to do.
        guard standing.isDeleted, standing.tempID == nil else { return nil }
        // Deletions alone are applied to a placeholder.
        guard standing.changed == Position(seq: standing.seq) else { return "it has been deleted since" }
        if let tempID = message.tempID, let first = try other(tempID, of: message, messages) {
            return "its sender has sent it again: message \(first.id), number \(first.seq) of the room"
        }
        try messages.write(ordered: true) { bulk throws(MongoError) in
            try bulk.updateOne(
                BSONDocument { $0.append("_id", message.id) },
                BSONDocument { update in
                    update.append("$set") { MessageDocument.write(message, into: &$0) }
                    update.append("$unset") { $0.append("isDeleted", "") }
                })
        }.check()
        return nil
    }

    private func other(
        _ tempID: TempID, of message: Message, _ messages: borrowing MongoCollection
    ) throws(MongoError) -> Message? {
        let filter = BSONDocument { filter in
            filter.append("roomId", message.roomID)
            filter.append("senderId", message.senderID)
            filter.append("tempId", tempID)
        }
        guard let found = try messages.findOne(filter) else { return nil }
        return try decoding { () throws(BSONError) in try MessageDocument.message(found) }
    }

    private func mark(
        _ kept: KeptDeadLetter, _ state: DeadLetterState, _ transaction: borrowing MongoTransaction
    ) throws(MongoError) -> KeptDeadLetter {
        try transaction.collection(.deadLetters).write(ordered: true) { bulk throws(MongoError) in
            try bulk.updateOne(
                BSONDocument { $0.append("_id", "\(id)") },
                BSONDocument { update in
                    update.append("$set") { set in
                        set.append("state", state.rawValue)
                        set.append("settledAt", time)
                    }
                })
        }.check()
        return KeptDeadLetter(
            letter: kept.letter, rawBytes: kept.rawBytes, failedAt: kept.failedAt, state: state, settledAt: time,
            others: kept.others)
    }
}
