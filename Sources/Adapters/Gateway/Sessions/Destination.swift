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

    /// What may be subscribed to.
    enum Topic {
        case room(RoomID, Subscription.Topic)
        case errors
    }

    /// Reads the destination of a SUBSCRIBE; nil where there is no such one.
    static func topic(_ destination: [UInt8]) -> Topic? {
        if destination.span.equals(errors) { return .errors }
        if let room = room(destination, under: "/topic/messages/") { return .room(room, .messages) }
        if let room = room(destination, under: "/topic/message/status/") { return .room(room, .status) }
        if let room = room(destination, under: "/topic/typing/") { return .room(room, .typing) }
        return nil
    }

    private static func room(_ destination: [UInt8], under prefix: String) -> RoomID? {
        guard destination.starts(with: prefix.utf8) else { return nil }
        return RoomID(hex: destination.span.extracting(prefix.utf8.count..<destination.count))
    }
}
