import Application
import Domain

/// A dead letter as it lies in `deadLetters`.
enum DeadLetterDocument {
    /// Writes one that is new.
    /// - Parameter withMessage: whether what was to be stored goes along: it does unless it is larger than a document.
    static func write(_ letter: DeadLetter, withMessage: Bool = true, into writer: inout BSONWriter) {
        writer.append("_id", "\(letter.id)")
        writer.append("roomId", letter.id.roomID)
        writer.append("seq", letter.id.position.seq)
        writer.append("change", letter.id.position.change)
        if let origin = letter.origin {
            writer.append("messageId", origin.messageID)
            writer.append("senderId", origin.senderID)
            if let tempID = origin.tempID {
                writer.append("tempId", tempID)
            }
            writer.append("createdAt", origin.createdAt)
        }
        writer.append("raw", binary: Array(letter.raw.prefix(MongoLimits.maxDeadLetterBytes)))
        writer.append("rawBytes", int64: Int64(letter.raw.count))
        writer.append("tries", array: letter.tries) { writer, place, failed in
            writer.append(place) { entry in
                entry.append("at", failed.at)
                entry.append("cause", failed.cause)
            }
        }
        writer.append("failedAt", letter.tries.last?.at ?? Timestamp(milliseconds: 0))
        writer.append("state", DeadLetterState.dead.rawValue)
        if withMessage, let message = letter.message {
            writer.append("message") { MessageDocument.write(message, into: &$0) }
        }
    }

    /// Reads one.
    static func letter(_ document: BSONDocument) throws(BSONError) -> KeptDeadLetter {
        let position = Position(
            seq: try document.value("seq", as: \.uint64), change: try document.value("change", as: \.uint64))
        var origin: EntryOrigin?
        if let id = try document.valueIfPresent("messageId", as: \.objectID) {
            origin = EntryOrigin(
                messageID: id, senderID: try document.value("senderId", as: \.userID),
                tempID: try document.valueIfPresent("tempId", as: \.tempID),
                createdAt: try document.value("createdAt", as: \.timestamp))
        }
        var tries: [FailedTry] = []
        for entry in try document.value("tries", as: \.array) {
            guard let entry = entry.document else { throw .unexpected("tries") }
            tries.append(
                FailedTry(
                    at: try entry.value("at", as: \.timestamp), cause: try entry.value("cause", as: \.string)))
        }
        var message: Message?
        if let stored = try document.valueIfPresent("message", as: \.document) {
            message = try MessageDocument.message(stored)
        }
        return KeptDeadLetter(
            letter: DeadLetter(
                id: EntryID(try document.value("roomId", as: \.objectID), position), message: message, origin: origin,
                raw: try document.value("raw", as: \.binary), tries: tries),
            rawBytes: Int(try document.value("rawBytes", as: \.uint64)),
            failedAt: try document.value("failedAt", as: \.timestamp),
            state: try document.value("state", as: { $0.string.flatMap(DeadLetterState.init(rawValue:)) }),
            settledAt: try document.valueIfPresent("settledAt", as: \.timestamp))
    }
}

/// What has become of a dead letter.
public enum DeadLetterState: String, Sendable {
    /// It waits for an operator.
    case dead = "DEAD"
    /// What it held has been stored after all.
    case replayed = "REPLAYED"
    /// An operator wants nothing more of it; its placeholder stays.
    case dropped = "DROPPED"
}

/// A dead letter as it is kept.
public struct KeptDeadLetter: Sendable, Equatable {
    public let letter: DeadLetter
    /// How long the entry was; `letter.raw` may be cut.
    public let rawBytes: Int
    /// When it was given up.
    public let failedAt: Timestamp
    public let state: DeadLetterState
    /// When it was replayed or dropped.
    public let settledAt: Timestamp?
}
