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

    /// The query's `limit`, 50 where there is none.
    /// - Throws: `Refusal` naming `limit`.
    func limit() throws(Refusal) -> Int {
        guard let text = query("limit") else { return 50 }
        guard let limit = Int(text), (1...History.maxLimit).contains(limit) else {
            throw .invalid("limit", "1 to \(History.maxLimit)")
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
