import Application
import Bytes
import Domain
import WireProtocols

/// A room's event, encoded once for every subscriber of every loop: all of the MESSAGE frame but the one header that
/// differs between subscribers, `subscription`.
struct EncodedEvent: Sendable {
    /// What a client acknowledges it by.
    let messageID: [UInt8]
    /// Header lines, each with its line feed, none in need of an escape.
    let headers: [UInt8]
    /// The JSON body.
    let body: [UInt8]

    /// The event of a log entry; nil where the entry has none for subscribers of messages.
    init?(_ entry: LogEntry, room: RoomID, epoch: UInt64) {
        let roomHex = room.hexBytes
        let head: MessageJSON.Head
        let members: [UInt8]
        var event: StaticString = "MESSAGE_CREATED"
        switch entry.event {
        case .message(let id, let sender, let tempID, let json):
            members = json
            head = MessageJSON.Head(
                id: id, roomHex: roomHex, seq: entry.position.seq, senderID: sender, tempID: tempID,
                status: .sentToStream, createdAt: entry.createdAt)
        case .membership(let id, let actor, _, let json):
            members = json
            head = MessageJSON.Head(
                id: id, roomHex: roomHex, seq: entry.position.seq, senderID: actor, tempID: nil,
                status: .sentToStream, createdAt: entry.createdAt)
        case .changed(let change):
            members = change.members
            event = change.kind.eventName
            head = MessageJSON.Head(change, at: entry.createdAt, roomHex: roomHex)
        case .failed, .unreadable:
            return nil
        }
        var out = ByteWriter(capacity: 224 + members.count)
        MessageJSON.write(head, members: members, into: &out)
        body = out.bytes
        messageID = EncodedEvent.messageID(roomHex, entry.position)
        headers = EncodedEvent.headers(
            event: event, messageID: messageID, roomHex: roomHex, seq: head.seq, at: entry.position, epoch: epoch)
    }

    /// The event of a message that was read back from the store, as it is after its last change: a reader who resumes from
    /// before that is told again of what came earlier, and compares.
    init(_ message: Message, epoch: UInt64) {
        var out = ByteWriter(capacity: 320)
        MessageJSON.write(message, into: &out)
        body = out.bytes
        let (roomHex, position) = (message.roomID.hexBytes, Position(seq: message.seq))
        messageID = EncodedEvent.messageID(roomHex, position)
        headers = EncodedEvent.headers(
            event: message.isDeleted ? "MESSAGE_DELETED" : "MESSAGE_CREATED", messageID: messageID, roomHex: roomHex,
            seq: message.seq, at: position, changed: message.changed, epoch: epoch)
    }

    /// The event of a message that is known to whoever gets it, and was changed since. `place` is what may be resumed
    /// from when it has been told: not the change's own position, before which there may be others to tell.
    init(changed message: Message, place: Position, epoch: UInt64) {
        var out = ByteWriter(capacity: 320)
        MessageJSON.write(message, into: &out)
        body = out.bytes
        let roomHex = message.roomID.hexBytes
        messageID = EncodedEvent.messageID(roomHex, message.changed)
        headers = EncodedEvent.headers(
            event: message.isDeleted ? "MESSAGE_DELETED" : "MESSAGE_UPDATED", messageID: messageID, roomHex: roomHex,
            seq: message.seq, at: place, changed: message.changed, epoch: epoch)
    }

    /// The last thing that a subscriber gets whose place in the room ended.
    static func subscriptionEnded(room: RoomID, code: String) -> EncodedEvent {
        var out = ByteWriter(capacity: 96)
        out.append("{\"roomId\":\"")
        out.append(room.hexBytes)
        out.append("\",\"code\":\"")
        out.append(utf8: code)
        out.append("\"}")
        var headers = ByteWriter(capacity: 160)
        headers.append("destination:")
        headers.append(Destination.messages)
        headers.append(room.hexBytes)
        let id = Array("ended-".utf8) + room.hexBytes
        headers.append("\nmessage-id:")
        headers.append(id)
        headers.append("\ncontent-type:application/json\nevent:SUBSCRIPTION_ENDED\n")
        return EncodedEvent(messageID: id, headers: headers.bytes, body: out.bytes)
    }

    /// A step of a message's life, for `/topic/message/status/{roomId}`; `number` makes the message id unique.
    static func status(_ update: StatusUpdate, room: RoomID, number: UInt64) -> EncodedEvent {
        var headers = ByteWriter(capacity: 160)
        headers.append("destination:")
        headers.append(Destination.status)
        headers.append(room.hexBytes)
        let id = Array("status-\(number)".utf8)
        headers.append("\nmessage-id:")
        headers.append(id)
        headers.append("\ncontent-type:application/json\n")
        return EncodedEvent(messageID: id, headers: headers.bytes, body: update.json)
    }

    /// Somebody types or has stopped, for `/topic/typing/{roomId}`; `number` makes the message id unique.
    static func typing(_ isTyping: Bool, of user: UserID, room: RoomID, number: UInt64) -> EncodedEvent {
        let id = "typing-\(number)"
        let headers = "destination:\(Destination.typingTopic)\(room)\nmessage-id:\(id)\ncontent-type:application/json\n"
        let body = #"{"roomId":"\#(room)","userId":\#(user),"isTyping":\#(isTyping)}"#
        return EncodedEvent(messageID: Array(id.utf8), headers: Array(headers.utf8), body: Array(body.utf8))
    }

    /// An error of one of the session's own sends, for `/user/queue/errors`.
    static func error(_ refusal: Refusal, room: RoomID?, tempID: TempID?, number: UInt64) -> EncodedEvent {
        let id = "error-\(number)"
        var body = ByteWriter(capacity: 192)
        body.append("{\"code\":\"")
        body.append(utf8: refusal.code.rawValue)
        body.append("\",\"message\":")
        body.append(jsonString: refusal.message)
        body.append(utf8: ",\"roomId\":\(room.map { "\"\($0)\"" } ?? "null")")
        body.append(utf8: ",\"tempId\":\(tempID.map { "\"\($0)\"" } ?? "null")")
        body.append(retryAfter: refusal)
        body.append("}")
        let headers = "destination:/user/queue/errors\nmessage-id:\(id)\ncontent-type:application/json\n"
        return EncodedEvent(messageID: Array(id.utf8), headers: Array(headers.utf8), body: body.bytes)
    }

    /// Where a subscription that resumes gets what it missed from.
    enum Recovery: String, CaseIterable, Sendable {
        case log, store
        /// It missed nothing, or nothing that it may read.
        case none
    }

    /// The first thing that a subscription gets which resumes: everything after `seq` up to `end` follows.
    static func resumed(
        room: RoomID, number: UInt64, from source: Recovery, after seq: UInt64, upTo end: UInt64
    ) -> EncodedEvent {
        let id = "resumed-\(room)-\(number)"
        let headers =
            "destination:\(Destination.messages)\(room)\nmessage-id:\(id)\ncontent-type:application/json\nevent:RESUMED\n"
        let body = #"{"recovered":"\#(source.rawValue)","fromSeq":\#(seq),"toSeq":\#(end)}"#
        return EncodedEvent(messageID: Array(id.utf8), headers: Array(headers.utf8), body: Array(body.utf8))
    }

    /// The bytes that a MESSAGE frame for it has at least.
    var byteCount: Int { headers.count + body.count }

    init(messageID: [UInt8], headers: [UInt8], body: [UInt8]) {
        self.messageID = messageID
        self.headers = headers
        self.body = body
    }

    /// The whole MESSAGE frame for one subscription.
    func frame(subscription: [UInt8], ack: STOMPAckID?) -> [UInt8] {
        var out = ByteWriter(capacity: headers.count + body.count + 96)
        append(to: &out, subscription: subscription, ack: ack)
        return out.bytes
    }

    /// Appends the whole MESSAGE frame for one subscription.
    func append(to out: inout ByteWriter, subscription: [UInt8], ack: STOMPAckID? = nil) {
        MessageFrame.append(
            subscription: subscription, ack: ack, headers: headers.span, body: body.span, to: &out)
    }

    /// Unique among all rooms: the room and the place in it.
    private static func messageID(_ roomHex: [UInt8], _ position: Position) -> [UInt8] {
        var out = ByteWriter(capacity: 40)
        out.append(roomHex)
        out.append(ASCII.dot)
        out.append(position)
        return out.bytes
    }

    private static func headers(
        event: StaticString, messageID: [UInt8], roomHex: [UInt8], seq: UInt64, at position: Position,
        changed: Position? = nil, epoch: UInt64
    ) -> [UInt8] {
        var out = ByteWriter(capacity: 224)
        out.append("destination:")
        out.append(Destination.messages)
        out.append(roomHex)
        out.append("\nmessage-id:")
        out.append(messageID)
        out.append("\ncontent-type:application/json\nevent:")
        out.append(event)
        out.append("\nseq:")
        out.append(decimal: seq)
        out.append("\nepoch:")
        out.append(decimal: epoch)
        out.append("\nposition:")
        out.append(position)
        if let changed, changed != position {
            out.append("\nchanged:")
            out.append(changed)
        }
        out.append(ASCII.lineFeed)
        return out.bytes
    }
}

extension ByteWriter {
    /// Appends `<seq>-<change>`.
    mutating func append(_ position: Position) {
        append(decimal: position.seq)
        append(ASCII.minus)
        append(decimal: position.change)
    }
}

extension MessageChange.Kind {
    /// The header `event` of what tells it.
    fileprivate var eventName: StaticString {
        switch self {
        case .edit: "MESSAGE_UPDATED"
        case .delete: "MESSAGE_DELETED"
        case .react, .unreact: "REACTION_CHANGED"
        }
    }
}
