import Domain

/// What a subscriber is told of a message: that it is there, or how it is after a change.
struct ToldMessage {
    let event: String
    /// Its `message-id`, by which it differs from everything else that is told.
    let mark: String
    let seq: UInt64
    /// Where in the room's log it stands.
    let place: Position
    let id: MessageKey
    /// nil: said by the room itself, or without its content.
    let name: MessageName?
    let view: MessageView
    /// When it was last changed; RFC 3339, so that later ones are greater.
    let updatedAt: String?

    static let events: Set<String> = ["MESSAGE_CREATED", "MESSAGE_UPDATED", "MESSAGE_DELETED", "REACTION_CHANGED"]

    /// Reads a MESSAGE; nil where it lacks what every message has.
    init?(_ frame: ReceivedFrame, _ event: String) {
        guard let seq = frame.header("\nseq:").flatMap({ UInt64($0) }),
            let mark = frame.header("\nmessage-id:"), let place = frame.header("\nposition:").flatMap({ Position($0) }),
            let id = frame.member("\"id\":\"").flatMap(MessageKey.init(hex:)), let view = MessageView(frame)
        else { return nil }
        (self.event, self.mark, self.seq) = (event, mark, seq)
        (self.place, self.id, self.view) = (place, id, view)
        name = frame.member("\"tempId\":\"").flatMap(MessageName.init)
        updatedAt = frame.member("\"updatedAt\":\"")
    }
}
