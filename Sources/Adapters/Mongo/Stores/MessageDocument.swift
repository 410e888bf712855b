import Domain

/// A message as it lies in `messages`.
enum MessageDocument {
    /// Writes a message.
    static func write(_ message: Message, into writer: inout BSONWriter) {
        writeHead(message, into: &writer)
        if let tempID = message.tempID {
            writer.append("tempId", tempID)
        }
        writeContent(message, into: &writer)
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

    /// Writes what keeps the number of a message that stands at another under its own id. Without an id: the driver gives
    /// it one.
    static func writePlaceholder(for message: Message, into writer: inout BSONWriter) {
        writePlace(of: message, into: &writer)
        writer.append("content") { content in
            content.append("text", "")
            content.append("type", MessageContent.Kind.system.rawValue)
        }
        writer.append("isDeleted", bool: true)
    }

    /// Finds the message that was changed, where this change is news to it: a late or repeated one matches nothing, and
    /// what is deleted stays deleted.
    static func filter(_ changed: Message) -> BSONDocument {
        BSONDocument { filter in
            filter.append("_id", changed.id)
            filter.append("$or", array: [false, true]) { writer, place, isChanged in
                writer.append(place) { clause in
                    clause.append("changePosition") { position in
                        if isChanged {
                            position.append("$lt") { RoomDocument.write(changed.changed, into: &$0) }
                        } else {
                            position.append("$exists", bool: false)
                        }
                    }
                }
            }
            if !changed.isDeleted {
                filter.append("isDeleted") { $0.append("$exists", bool: false) }
            }
        }
    }

    /// Makes the message in the store what it is after its change.
    static func update(_ changed: Message) -> BSONDocument {
        BSONDocument { update in
            update.append("$set") { set in
                writeContent(changed, into: &set)
                set.append("changePosition") { RoomDocument.write(changed.changed, into: &$0) }
                if let time = changed.updatedAt {
                    set.append("updatedAt", time)
                }
                if let time = changed.editedAt {
                    set.append("editedAt", time)
                }
                if changed.isDeleted {
                    set.append("isDeleted", bool: true)
                }
                if !changed.reactions.isEmpty {
                    write(changed.reactions, into: &set)
                }
            }
            if changed.reactions.isEmpty || changed.isDeleted {
                update.append("$unset") { unset in
                    if changed.reactions.isEmpty {
                        unset.append("reactions", int32: 1)
                    }
                    if changed.isDeleted {
                        unset.append("mentions", int32: 1)
                    }
                }
            }
        }
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
            duplicateOf: try document.valueIfPresent("duplicateOf", as: \.objectID),
            reactions: try reactions(document),
            editedAt: try document.valueIfPresent("editedAt", as: \.timestamp),
            updatedAt: try document.valueIfPresent("updatedAt", as: \.timestamp),
            changed: try position(document))
    }

    private static func position(_ document: BSONDocument) throws(BSONError) -> Position? {
        guard let changed = try document.valueIfPresent("changePosition", as: \.document) else { return nil }
        return try RoomDocument.position(changed)
    }

    private static func reactions(_ document: BSONDocument) throws(BSONError) -> [Reaction] {
        var reactions: [Reaction] = []
        for value in try document.valueIfPresent("reactions", as: \.array) ?? [] {
            guard let reaction = value.document else { throw .unexpected("reactions") }
            reactions.append(
                Reaction(
                    sign: try reaction.value("sign", as: \.string),
                    userIDs: try reaction.value("userIds", as: \.array).compactMap(\.userID)))
        }
        return reactions
    }

    private static func write(_ reactions: [Reaction], into writer: inout BSONWriter) {
        writer.append("reactions", array: reactions) { writer, place, reaction in
            writer.append(place) { out in
                out.append("sign", reaction.sign)
                out.append("userIds", array: reaction.userIDs) { $0.append($1, $2) }
            }
        }
    }

    private static func writeContent(_ message: Message, into writer: inout BSONWriter) {
        writer.append("content") { content in
            content.append("text", message.content.text)
            content.append("type", message.content.kind.rawValue)
        }
    }

    private static func writeHead(_ message: Message, into writer: inout BSONWriter) {
        writer.append("_id", message.id)
        writePlace(of: message, into: &writer)
    }

    private static func writePlace(of message: Message, into writer: inout BSONWriter) {
        writer.append("roomId", message.roomID)
        writer.append("seq", message.seq)
        writer.append("senderId", message.senderID)
        writer.append("createdAt", message.createdAt)
    }
}
