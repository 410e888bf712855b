import Domain

/// The body of a SEND to `/app/typing`: `{roomId, isTyping}`.
struct TypingRequest {
    let room: RoomID
    let isTyping: Bool

    /// - Throws: `Refusal` naming the field that is not there or not of its form.
    init(_ json: Span<UInt8>) throws(Refusal) {
        let body = try RequestBody(json)
        room = try body.roomID("roomId")
        isTyping = try body.bool("isTyping")
    }
}
