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
        out.append("}")
    }

    /// A message out of the store.
    static func write(_ message: Message, into out: inout ByteWriter) {
        var members = ByteWriter(capacity: 64 + message.content.text.utf8.count)
        writeMembers(
            content: message.content, replyTo: message.replyTo, threadID: message.threadID,
            mentions: message.mentions, into: &members)
        if message.isDeleted {
            members.append(",\"isDeleted\":true")
        }
        if let original = message.duplicateOf {
            members.append(",\"duplicateOf\":\"")
            members.append(original.hexBytes)
            members.append("\"")
        }
        let head = Head(
            id: message.id, roomHex: message.roomID.hexBytes, seq: message.seq, senderID: message.senderID,
            tempID: message.tempID, status: .saved, createdAt: message.createdAt)
        write(head, members: members.bytes, into: &out)
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
    }
}
