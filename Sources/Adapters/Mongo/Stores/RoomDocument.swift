import Application
import Domain

/// A room as it lies in `rooms`.
enum RoomDocument {
    /// Writes a new room, of a pair where `pairKey` is given.
    static func write(_ room: Room, pairKey: String?, into writer: inout BSONWriter) {
        writer.append("_id", room.id)
        writer.append("type", room.type.rawValue)
        if let title = room.title {
            writer.append("title", title)
        }
        if let pairKey {
            writer.append("pairKey", pairKey)
        }
        writer.append("lastSeq", room.lastSeq)
        append(Position(seq: room.lastSeq), to: &writer)
        writer.append("epoch", UInt64(1))
        writer.append("membershipVersion", UInt64(1))
        writer.append("lastActiveAt", room.lastActiveAt)
        writer.append("createdAt", room.createdAt)
        writer.append("updatedAt", room.createdAt)
    }

    /// The same for both orders of a pair.
    static func pairKey(_ first: UserID, _ second: UserID) -> String {
        "\(min(first, second)):\(max(first, second))"
    }

    /// Reads a room.
    static func room(_ document: BSONDocument) throws(BSONError) -> Room {
        Room(
            id: try document.value("_id", as: \.objectID), type: try type(document),
            title: try document.valueIfPresent("title", as: \.string),
            lastSeq: try document.value("lastSeq", as: \.uint64), lastMessage: try lastMessage(document),
            lastActiveAt: try document.value("lastActiveAt", as: \.timestamp),
            createdAt: try document.value("createdAt", as: \.timestamp))
    }

    /// A room's kind.
    static func type(_ document: BSONDocument) throws(BSONError) -> RoomType {
        try document.value("type", as: { $0.string.flatMap(RoomType.init(rawValue:)) })
    }

    /// The position up to which everything of the room is stored.
    static func savedPosition(_ document: BSONDocument) throws(BSONError) -> Position {
        try position(document.value("savedPosition", as: \.document))
    }

    /// How far the room has come. Writers of `participants` move it in the same transaction, or afterwards.
    static func version(_ document: BSONDocument) throws(BSONError) -> RoomVersion {
        RoomVersion(
            savedPosition: try savedPosition(document),
            membershipVersion: try document.value("membershipVersion", as: \.uint64))
    }

    /// Reads a position. As documents positions compare as they do here: by their first fields, then by their second.
    static func position(_ document: BSONDocument) throws(BSONError) -> Position {
        Position(seq: try document.value("seq", as: \.uint64), change: try document.value("change", as: \.uint64))
    }

    /// Writes the fields of a position.
    static func write(_ position: Position, into writer: inout BSONWriter) {
        writer.append("seq", position.seq)
        writer.append("change", position.change)
    }

    /// The numbers that the room never gave out.
    static func jumps(_ document: BSONDocument) throws(BSONError) -> Jumps {
        var ranges: [ClosedRange<UInt64>] = []
        for jump in try document.valueIfPresent("jumps", as: \.array) ?? [] {
            guard let jump = jump.document else { throw .unexpected("jumps") }
            let from = try jump.value("from", as: \.uint64)
            let to = try jump.value("to", as: \.uint64)
            guard from <= to else { throw .unexpected("jumps") }
            ranges.append(from...to)
        }
        return Jumps(ranges)
    }

    /// Moves a room on to where `progress` says, and never back: `$max` compares embedded documents field by field, in
    /// their order, so that the number in front decides. A condition on the old position would do the same at twice the
    /// cost, since only a filter by `_id` alone needs no plan.
    static func update(_ progress: RoomProgress) -> BSONDocument {
        BSONDocument { update in
            update.append("$max") { max in
                max.append("lastSeq", progress.position.seq)
                append(progress.position, to: &max)
                if let last = progress.lastMessage {
                    append(last, to: &max)
                    max.append("lastActiveAt", last.createdAt)
                }
            }
        }
    }

    /// Makes a message the room's last, unless it has a newer one.
    static func update(last: LastMessage) -> BSONDocument {
        BSONDocument { update in
            update.append("$max") { append(last, to: &$0) }
        }
    }

    private static func append(_ position: Position, to writer: inout BSONWriter) {
        writer.append("savedPosition") { write(position, into: &$0) }
    }

    private static func append(_ last: LastMessage, to writer: inout BSONWriter) {
        writer.append("lastMessage") { message in
            message.append("seq", last.seq)
            // In front of what it changes, so that of two states of one message the newer stays.
            message.append("changed") { write(last.changed, into: &$0) }
            message.append("id", last.id)
            message.append("senderId", last.senderID)
            message.append("text", last.text)
            message.append("at", last.createdAt)
        }
    }

    private static func lastMessage(_ document: BSONDocument) throws(BSONError) -> LastMessage? {
        guard let message = try document.valueIfPresent("lastMessage", as: \.document) else { return nil }
        var changed: Position?
        if let document = try message.valueIfPresent("changed", as: \.document) {
            changed = try position(document)
        }
        return LastMessage(
            id: try message.value("id", as: \.objectID), seq: try message.value("seq", as: \.uint64),
            senderID: try message.value("senderId", as: \.userID), text: try message.value("text", as: \.string),
            createdAt: try message.value("at", as: \.timestamp),
            changed: changed)
    }
}
