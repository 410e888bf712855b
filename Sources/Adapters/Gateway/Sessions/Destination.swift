import Bytes
import Domain

/// The destinations that clients send and subscribe to.
enum Destination {
    /// SEND: a message.
    static let chat: StaticString = "/app/chat"
    /// SEND: a new access token for this session.
    static let auth: StaticString = "/app/auth"
    /// SEND: that one types in a room, or has stopped.
    static let typing: StaticString = "/app/typing"
    /// SUBSCRIBE: errors of this session's own sends.
    static let errors: StaticString = "/user/queue/errors"
    /// SUBSCRIBE, with a room's id behind it: its messages.
    static let messages: StaticString = "/topic/messages/"
    /// SUBSCRIBE, with a room's id behind it: what became of the user's own messages.
    static let status: StaticString = "/topic/message/status/"
    /// SUBSCRIBE, with a room's id behind it: who types.
    static let typingTopic: StaticString = "/topic/typing/"

    /// What may be subscribed to.
    enum Topic {
        case room(RoomID, Subscription.Topic)
        case errors
    }

    /// Reads the destination of a SUBSCRIBE; nil where there is no such one.
    static func topic(_ destination: [UInt8]) -> Topic? {
        if destination.span.equals(errors) { return .errors }
        if let room = room(destination, under: messages) { return .room(room, .messages) }
        if let room = room(destination, under: status) { return .room(room, .status) }
        if let room = room(destination, under: typingTopic) { return .room(room, .typing) }
        return nil
    }

    private static func room(_ destination: [UInt8], under prefix: StaticString) -> RoomID? {
        guard prefix.withUTF8Buffer({ destination.starts(with: $0) }) else { return nil }
        return RoomID(hex: destination.span.extracting(prefix.utf8CodeUnitCount..<destination.count))
    }
}
