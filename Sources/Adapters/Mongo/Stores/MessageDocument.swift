import Domain

/// A message as it lies in `messages`.
enum MessageDocument {
    /// Writes a message.
    static func write(_ message: Message, into writer: inout BSONWriter) {
        writeHead(message, into: &writer)
        if let tempID = message.tempID {
            writer.append("tempId", tempID)
        }
        writer.append("content") { content in
            content.append("text", message.content.text)
            content.append("type", message.content.kind.rawValue)
        }
        if let replyTo = message.replyTo {
            writer.append("replyToMessageId", replyTo)
        }
        if let threadID = message.threadID {
            writer.append("threadId", threadID)
        }
        if !message.mentions.isEmpty {
            writer.append("mentions", array: message.mentions) { $0.append($1, $2) }
        }
        if message.isDeleted {
            writer.append("isDeleted", bool: true)
        }
        if let first = message.duplicateOf {
            writer.append("duplicateOf", first)
        }
    }

    /// Writes what stands at the number of a late repeat: it names the `first` message and keeps nothing of its own,
    /// the `tempId` least of all, which belongs to the first.
    static func writeTombstone(_ message: Message, repeating first: MessageID, into writer: inout BSONWriter) {
        writeHead(message, into: &writer)
        writer.append("content") { content in
            content.append("text", "")
            content.append("type", message.content.kind.rawValue)
        }
        writer.append("isDeleted", bool: true)
        writer.append("duplicateOf", first)
    }

    /// Reads a message.
    static func message(_ document: BSONDocument) throws(BSONError) -> Message {
        let content = try document.value("content", as: \.document)
        let kind = try content.value("type", as: { $0.string.flatMap(MessageContent.Kind.init(rawValue:)) })
        return Message(
            id: try document.value("_id", as: \.objectID), roomID: try document.value("roomId", as: \.objectID),
            seq: try document.value("seq", as: \.uint64), senderID: try document.value("senderId", as: \.userID),
            tempID: try document.valueIfPresent("tempId", as: \.tempID),
            content: MessageContent(text: try content.value("text", as: \.string), kind: kind),
            replyTo: try document.valueIfPresent("replyToMessageId", as: \.objectID),
            threadID: try document.valueIfPresent("threadId", as: \.objectID),
            mentions: (try document.valueIfPresent("mentions", as: \.array) ?? []).compactMap(\.userID),
            createdAt: try document.value("createdAt", as: \.timestamp),
            isDeleted: try document.valueIfPresent("isDeleted", as: \.bool) ?? false,
            duplicateOf: try document.valueIfPresent("duplicateOf", as: \.objectID))
    }

    private static func writeHead(_ message: Message, into writer: inout BSONWriter) {
        writer.append("_id", message.id)
        writer.append("roomId", message.roomID)
        writer.append("seq", message.seq)
        // The last change told about it; an edit applies only where its own is higher.
        writer.append("change", UInt64(0))
        writer.append("senderId", message.senderID)
        writer.append("createdAt", message.createdAt)
    }
}
