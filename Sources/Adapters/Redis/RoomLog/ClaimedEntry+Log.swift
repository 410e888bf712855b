import Application
import Bytes
import Domain
import WireProtocols

extension ClaimedEntry {
    /// The entry as it is stored: the members that travelled as JSON become a message. `reply` is what it was read from.
    init(_ entry: LogEntry, of room: RoomID, _ reply: RESPReply) {
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
        case .failed: (event, raw) = (.failed, [])
        case .unreadable(let cause):
            (event, raw) = (.unreadable(cause), ClaimedEntry.fields(reply))
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
                try reader.beginArray(in: json)
                while try reader.nextElement(in: json) {
                    mentions.append(UserID(rawValue: try reader.int64(in: json)))
                }
            }
        }
        try reader.finish(in: json)
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
