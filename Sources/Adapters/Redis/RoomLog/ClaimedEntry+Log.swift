import Application
import Bytes
import Domain
import WireProtocols

extension ClaimedEntry {
    /// The entry as it is stored: the members that travelled as JSON become a message. `reply` is what it was read from,
    /// where what cannot be read is to be kept.
    init(_ entry: LogEntry, of room: RoomID, _ reply: RESPReply? = nil) {
        let (event, raw): (Event, [UInt8])
        switch entry.event {
        case .message(let id, let sender, let tempID, let members):
            raw = members
            event =
                StoredMembers(members).map { members in
                    .message(members.message(entry, id: id, room: room, sender: sender, tempID: tempID))
                } ?? .malformed(EntryOrigin(entry, id: id, sender: sender, tempID: tempID))
        case .membership(let id, let actor, let change, let members):
            raw = members
            event =
                StoredMembers(members).map { members in
                    .membership(members.message(entry, id: id, room: room, sender: actor, tempID: nil), change)
                } ?? .malformed(EntryOrigin(entry, id: id, sender: actor, tempID: nil))
        case .changed(let change):
            raw = change.members
            event =
                StoredMembers(change.members).map { .changed($0.message(entry, change, room: room)) }
                ?? .unreadable("its JSON members are not of their form")
        case .failed: (event, raw) = (.failed, [])
        case .unreadable(let cause):
            (event, raw) = (.unreadable(cause), reply.map(ClaimedEntry.fields) ?? [])
        }
        self.init(position: entry.position, event: event, trace: entry.trace, raw: raw)
    }

    /// All fields and values of an entry, a line each.
    private static func fields(_ reply: RESPReply) -> [UInt8] {
        let fields = reply[1]
        return Array((0..<fields.count).map { fields[$0].bytes }.joined(separator: [UInt8(ascii: "\n")]))
    }
}

extension ClaimedEntry.Event {
    fileprivate static func malformed(_ origin: EntryOrigin) -> ClaimedEntry.Event {
        .unreadable("its JSON members are not of their form", of: origin)
    }
}

extension EntryOrigin {
    fileprivate init(_ entry: LogEntry, id: MessageID, sender: UserID, tempID: TempID?) {
        self.init(messageID: id, senderID: sender, tempID: tempID, createdAt: entry.createdAt)
    }
}

/// The JSON members of an entry, read.
private struct StoredMembers {
    private var text = ""
    private var kind = MessageContent.Kind.text
    private var replyTo: MessageID?
    private var threadID: MessageID?
    private var mentions: [UserID] = []
    private var reactions: [Reaction] = []
    private var duplicateOf: MessageID?

    init?(_ members: [UInt8]) {
        var json = ByteWriter(capacity: members.count + 2)
        json.append("{")
        json.append(members)
        json.append("}")
        do throws(JSONError) {
            try read(json.bytes.span)
        } catch {
            return nil
        }
    }

    private mutating func read(_ json: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader()
        try reader.beginObject(in: json)
        while let key = try reader.nextKey(in: json) {
            if key.equals("content", in: json) {
                try reader.beginObject(in: json)
                while let key = try reader.nextKey(in: json) {
                    if key.equals("text", in: json) {
                        text = try reader.string(in: json).string(in: json)
                    } else if key.equals("type", in: json) {
                        kind = MessageContent.Kind(rawValue: try reader.string(in: json).string(in: json)) ?? .text
                    }
                }
            } else if key.equals("replyToMessageId", in: json) {
                replyTo = MessageID(hex: try reader.string(in: json).string(in: json))
            } else if key.equals("threadId", in: json) {
                threadID = MessageID(hex: try reader.string(in: json).string(in: json))
            } else if key.equals("mentions", in: json) {
                mentions = try Self.userIDs(&reader, json)
            } else if key.equals("reactions", in: json) {
                try reader.beginObject(in: json)
                while let sign = try reader.nextKey(in: json) {
                    reactions.append(
                        Reaction(sign: sign.string(in: json), userIDs: try Self.userIDs(&reader, json)))
                }
            } else if key.equals("duplicateOf", in: json) {
                duplicateOf = MessageID(hex: try reader.string(in: json).string(in: json))
            }
        }
        try reader.finish(in: json)
    }

    private static func userIDs(_ reader: inout JSONReader, _ json: Span<UInt8>) throws(JSONError) -> [UserID] {
        var ids: [UserID] = []
        try reader.beginArray(in: json)
        while try reader.nextElement(in: json) {
            ids.append(UserID(rawValue: try reader.int64(in: json)))
        }
        return ids
    }

    /// The message as it is after a change that the entry tells.
    func message(_ entry: LogEntry, _ change: MessageChange, room: RoomID) -> Message {
        Message(
            id: change.id, roomID: room, seq: change.seq, senderID: change.senderID, tempID: change.tempID,
            content: MessageContent(text: text, kind: kind), replyTo: replyTo, threadID: threadID,
            mentions: mentions, createdAt: change.createdAt, isDeleted: change.isDeleted, duplicateOf: duplicateOf,
            reactions: reactions, editedAt: change.editedAt, updatedAt: entry.createdAt, changed: entry.position)
    }

    func message(
        _ entry: LogEntry, id: MessageID, room: RoomID, sender: UserID, tempID: TempID?
    ) -> Message {
        Message(
            id: id, roomID: room, seq: entry.position.seq, senderID: sender, tempID: tempID,
            content: MessageContent(text: text, kind: kind), replyTo: replyTo, threadID: threadID,
            mentions: mentions, createdAt: entry.createdAt)
    }
}
