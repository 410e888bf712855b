import Application
import Bytes
import Domain

/// Writes messages as clients see them (product shapes: the message object), live and from the store alike.
enum MessageJSON {
    /// The members that the sender determines, without braces; they travel through the log as they are.
    static func writeMembers(
        content: MessageContent, replyTo: MessageID?, threadID: MessageID?, mentions: [UserID],
        into out: inout ByteWriter
    ) {
        out.append("\"content\":{\"text\":")
        out.append(jsonString: content.text)
        out.append(",\"type\":\"")
        out.append(utf8: content.kind.rawValue)
        out.append("\"}")
        if let replyTo {
            out.append(",\"replyToMessageId\":\"")
            out.append(replyTo.hexBytes)
            out.append("\"")
        }
        if let threadID {
            out.append(",\"threadId\":\"")
            out.append(threadID.hexBytes)
            out.append("\"")
        }
        guard !mentions.isEmpty else { return }
        out.append(",\"mentions\":[")
        for (index, user) in mentions.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            out.append(decimal: user.rawValue)
        }
        out.append("]")
    }

    /// The members of a message that a change may concern, reactions last: as a change takes them through the log.
    static func changeableMembers(of message: Message) -> [UInt8] {
        var out = ByteWriter(capacity: 64 + message.content.text.utf8.count)
        writeMembers(
            content: message.content, replyTo: message.replyTo, threadID: message.threadID,
            mentions: message.mentions, into: &out)
        write(message.reactions, into: &out)
        return out.bytes
    }

    /// A message object around `members`.
    static func write(_ head: Head, members: [UInt8], into out: inout ByteWriter) {
        out.append("{\"id\":\"")
        out.append(head.id.hexBytes)
        out.append("\",\"roomId\":\"")
        out.append(head.roomHex)
        out.append("\",\"seq\":")
        out.append(decimal: head.seq)
        out.append(",\"senderId\":")
        out.append(decimal: head.senderID.rawValue)
        out.append(",\"tempId\":")
        if let tempID = head.tempID {
            out.append(ASCII.quote)
            out.append(tempID.textBytes)
            out.append(ASCII.quote)
        } else {
            out.append("null")
        }
        out.append(",\"status\":\"")
        out.append(utf8: head.status.rawValue)
        out.append("\",\"createdAt\":\"")
        out.append(head.createdAt.rfc3339)
        out.append("\",")
        out.append(members)
        if let change = head.change {
            write(change, into: &out)
        }
        out.append("}")
    }

    /// A message out of the store, or one that is still to get there.
    static func write(_ message: Message, isStored: Bool = true, into out: inout ByteWriter) {
        var members = changeableMembers(of: message)
        if let original = message.duplicateOf {
            members += Array(",\"duplicateOf\":\"".utf8) + original.hexBytes + [ASCII.quote]
        }
        let head = Head(
            id: message.id, roomHex: message.roomID.hexBytes, seq: message.seq, senderID: message.senderID,
            tempID: message.tempID, status: isStored ? .saved : .sentToStream, createdAt: message.createdAt,
            change: Change(editedAt: message.editedAt, updatedAt: message.updatedAt, isDeleted: message.isDeleted))
        write(head, members: members, into: &out)
    }

    private static func write(_ reactions: [Reaction], into out: inout ByteWriter) {
        guard !reactions.isEmpty else { return }
        out.append(",\"reactions\":{")
        for (index, reaction) in reactions.enumerated() {
            out.append(index > 0 ? ",\"" : "\"")
            // A sign needs no escape.
            out.append(utf8: reaction.sign)
            out.append("\":[")
            for (index, user) in reaction.userIDs.enumerated() {
                if index > 0 {
                    out.append(ASCII.comma)
                }
                out.append(decimal: user.rawValue)
            }
            out.append("]")
        }
        out.append("}")
    }

    private static func write(_ change: Change, into out: inout ByteWriter) {
        if let time = change.editedAt {
            out.append(",\"editedAt\":\"")
            out.append(time.rfc3339)
            out.append("\"")
        }
        if let time = change.updatedAt {
            out.append(",\"updatedAt\":\"")
            out.append(time.rfc3339)
            out.append("\"")
        }
        if change.isDeleted {
            out.append(",\"isDeleted\":true")
        }
    }

    /// What the server adds to a message.
    struct Head {
        let id: MessageID
        let roomHex: [UInt8]
        let seq: UInt64
        let senderID: UserID
        let tempID: TempID?
        let status: MessageStatus
        let createdAt: Timestamp
        var change: Change?
    }

    /// What the server says of changes to it.
    struct Change {
        let editedAt: Timestamp?
        let updatedAt: Timestamp?
        let isDeleted: Bool
    }
}

extension MessageJSON.Head {
    /// What the server says of a message behind a change that was made at `time`.
    init(_ change: MessageChange, at time: Timestamp, roomHex: [UInt8]) {
        self.init(
            id: change.id, roomHex: roomHex, seq: change.seq, senderID: change.senderID, tempID: change.tempID,
            status: change.isStored ? .saved : .sentToStream, createdAt: change.createdAt,
            change: MessageJSON.Change(editedAt: change.editedAt, updatedAt: time, isDeleted: change.isDeleted))
    }
}
