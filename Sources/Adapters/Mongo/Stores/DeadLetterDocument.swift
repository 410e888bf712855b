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
        writeContents(letter, maxRawBytes: MongoLimits.maxDeadLetterBytes, into: &writer)
        writer.append("state", DeadLetterState.dead.rawValue)
        if withMessage, let message = letter.message {
            writer.append("message") { MessageDocument.write(message, into: &$0) }
        }
    }

    /// Finds what is kept at the place of a letter, where the letter's message is not.
    static func filter(_ letter: DeadLetter, without message: MessageID) -> BSONDocument {
        BSONDocument { filter in
            filter.append("_id", "\(letter.id)")
            for field: BSONKey in ["messageId", "others.messageId"] {
                filter.append(field) { $0.append("$ne", message) }
            }
        }
    }

    /// Adds a letter to the one at its place.
    static func add(_ letter: DeadLetter) -> BSONDocument {
        BSONDocument { update in
            update.append("$push") { push in
                push.append("others") { others in
                    others.append("$each", array: [letter]) { writer, place, letter in
                        writer.append(place) {
                            writeContents(letter, maxRawBytes: MongoLimits.maxOtherDeadLetterBytes, into: &$0)
                        }
                    }
                    others.append("$slice", int32: -MongoLimits.maxOtherDeadLetters)
                }
            }
        }
    }

    private static func writeContents(_ letter: DeadLetter, maxRawBytes: Int, into writer: inout BSONWriter) {
        if let origin = letter.origin {
            writer.append("messageId", origin.messageID)
            writer.append("senderId", origin.senderID)
            if let tempID = origin.tempID {
                writer.append("tempId", tempID)
            }
            writer.append("createdAt", origin.createdAt)
        }
        writer.append("raw", binary: Array(letter.raw.prefix(maxRawBytes)))
        writer.append("rawBytes", int64: Int64(letter.raw.count))
        writer.append("tries", array: letter.tries) { writer, place, failed in
            writer.append(place) { entry in
                entry.append("at", failed.at)
                entry.append("cause", failed.cause)
            }
        }
        writer.append("failedAt", letter.tries.last?.at ?? Timestamp(milliseconds: 0))
    }

    /// Reads one.
    static func letter(_ document: BSONDocument) throws(BSONError) -> KeptDeadLetter {
        let position = Position(
            seq: try document.value("seq", as: \.uint64), change: try document.value("change", as: \.uint64))
        let id = EntryID(try document.value("roomId", as: \.objectID), position)
        var message: Message?
        if let stored = try document.valueIfPresent("message", as: \.document) {
            message = try MessageDocument.message(stored)
        }
        var others: [DeadLetter] = []
        for other in try document.valueIfPresent("others", as: \.array) ?? [] {
            guard let other = other.document else { throw .unexpected("others") }
            others.append(try contents(other, id))
        }
        return KeptDeadLetter(
            letter: try contents(document, id, message),
            rawBytes: Int(try document.value("rawBytes", as: \.uint64)),
            failedAt: try document.value("failedAt", as: \.timestamp),
            state: try document.value("state", as: { $0.string.flatMap(DeadLetterState.init(rawValue:)) }),
            settledAt: try document.valueIfPresent("settledAt", as: \.timestamp), others: others)
    }

    private static func contents(
        _ document: BSONDocument, _ id: EntryID, _ message: Message? = nil
    ) throws(BSONError) -> DeadLetter {
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
        return DeadLetter(
            id: id, message: message, origin: origin, raw: try document.value("raw", as: \.binary), tries: tries)
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
    /// What became dead letters at its place later, oldest first: Redis had lost that number, and gave it again. They can
    /// only be looked at.
    public var others: [DeadLetter] = []
}
