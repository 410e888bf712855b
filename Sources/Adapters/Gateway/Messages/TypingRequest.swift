import Bytes
import Domain
import WireProtocols

/// The body of a SEND to `/app/typing`: `{roomId, isTyping}`.
struct TypingRequest {
    let room: RoomID
    let isTyping: Bool

    /// - Throws: `Refusal` naming the field that is not there or not of its form.
    init(_ json: Span<UInt8>) throws(Refusal) {
        guard let body = (try? JSONValue(parsing: json))?.object else {
            throw Refusal(.malformedRequest, "the body is not the JSON object that /app/typing takes")
        }
        guard let room = body["roomId"]?.string.flatMap({ RoomID(hex: $0) }) else {
            throw .invalid("roomId", "24 hexadecimal digits")
        }
        guard let isTyping = body["isTyping"]?.bool else { throw .invalid("isTyping", "true or false") }
        self.room = room
        self.isTyping = isTyping
    }
}
