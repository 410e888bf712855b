import Application
import Domain

/// What routes read out of paths and queries.
extension HTTPRequest {
    /// The room that the path names.
    /// - Throws: `Refusal` `ROOM_NOT_FOUND`: what is no room id names no room.
    func roomID() throws(Refusal) -> RoomID {
        guard let room = parameters["roomId"].flatMap({ RoomID(hex: $0) }) else {
            throw Refusal(.roomNotFound, "there is no such room, or you are not in it")
        }
        return room
    }

    /// The message that the path names.
    /// - Throws: `Refusal` `MESSAGE_NOT_FOUND`: what is no message id names no message.
    func messageID() throws(Refusal) -> MessageID {
        guard let id = parameters["messageId"].flatMap({ MessageID(hex: $0) }) else {
            throw Refusal(.messageNotFound, "there is no such message, or you may not read it")
        }
        return id
    }

    /// The query's `limit`, or the usual one.
    /// - Throws: `Refusal` naming `limit`.
    func limit() throws(Refusal) -> Int {
        guard let text = query("limit") else { return PageLimits.usual }
        guard let limit = Int(text), (1...PageLimits.max).contains(limit) else {
            throw .invalid("limit", "1 to \(PageLimits.max)")
        }
        return limit
    }

    /// A message number in the query; nil where there is none.
    /// - Throws: `Refusal` naming the item.
    func seq(_ name: String) throws(Refusal) -> UInt64? {
        guard let text = query(name) else { return nil }
        guard let seq = UInt64(text), seq <= UInt64(Int64.max) else { throw .invalid(name, "a message number") }
        return seq
    }
}

/// Fields that bodies and queries have alike.
enum RequestFields {
    /// An id, nil where there is none.
    /// - Throws: `Refusal` naming the field.
    static func objectID(_ field: String, _ text: String?) throws(Refusal) -> ObjectID? {
        guard let text else { return nil }
        guard let id = ObjectID(hex: text) else { throw .invalid(field, "24 hexadecimal digits") }
        return id
    }

    /// A UUID, nil where there is none.
    /// - Throws: `Refusal` naming the field.
    static func uuid(_ field: String, _ text: String?) throws(Refusal) -> TempID? {
        guard let text else { return nil }
        guard let id = TempID(text) else { throw .invalid(field, "a UUID") }
        return id
    }
}
