import Bytes
import Domain
import WireProtocols

/// What a client asks for by a SEND to `/app/chat`:
/// `{roomId, tempId, content{text, type}, replyToMessageId?, threadId?, mentions?}`. Other members are passed over.
struct ChatSendRequest {
    let room: RoomID
    let tempID: TempID
    /// The checked members as they go into the log.
    let members: [UInt8]

    /// Why a body is refused; with the room and the temp id where these could be read, so that the refusal can be told
    /// on the status topic.
    struct Fault: Error {
        let refusal: Refusal
        let room: RoomID?
        let tempID: TempID?
    }

    /// Reads and checks a body.
    init(_ json: Span<UInt8>) throws(Fault) {
        var fields = Fields()
        do throws(JSONError) {
            try fields.read(json)
        } catch {
            let refusal = Refusal(.malformedRequest, "the body is not the JSON object that /app/chat takes: \(error)")
            throw Fault(refusal: refusal, room: fields.room.value, tempID: fields.tempID.value)
        }
        do throws(Refusal) {
            room = try fields.room.required("roomId", "24 hexadecimal digits")
            tempID = try fields.tempID.required("tempId", "a UUID")
            members = try fields.checkedMembers()
        } catch {
            throw Fault(refusal: error, room: fields.room.value, tempID: fields.tempID.value)
        }
    }
}

/// A field as it was found.
private enum Found<Value> {
    case missing
    /// There, but not of its form.
    case malformed
    case valid(Value)

    init(_ value: Value?) { self = value.map { .valid($0) } ?? .malformed }

    var value: Value? {
        if case .valid(let value) = self { value } else { nil }
    }

    func required(_ field: String, _ rule: String) throws(Refusal) -> Value {
        guard let value else { throw .invalid(field, rule) }
        return value
    }

    func optional(_ field: String, _ rule: String) throws(Refusal) -> Value? {
        if case .malformed = self { throw .invalid(field, rule) }
        return value
    }
}

/// The members of the body as they come.
private struct Fields {
    var room = Found<RoomID>.missing
    var tempID = Found<TempID>.missing
    private var text = Found<String>.missing
    private var kind = Found<MessageContent.Kind>.valid(.text)
    private var replyTo = Found<MessageID>.missing
    private var thread = Found<MessageID>.missing
    private var mentions = Found<[UserID]>.valid([])

    mutating func read(_ json: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader()
        try reader.beginObject(in: json)
        while let key = try reader.nextKey(in: json) {
            if key.equals("roomId", in: json) {
                room = try Fields.objectID(&reader, json)
            } else if key.equals("tempId", in: json) {
                tempID = Found(try Fields.read(&reader, json) { TempID($0) })
            } else if key.equals("content", in: json) {
                try readContent(&reader, json)
            } else if key.equals("replyToMessageId", in: json) {
                replyTo = try Fields.objectID(&reader, json)
            } else if key.equals("threadId", in: json) {
                thread = try Fields.objectID(&reader, json)
            } else if key.equals("mentions", in: json) {
                mentions = try Fields.userIDs(&reader, json)
            }
        }
        try reader.finish(in: json)
    }

    func checkedMembers() throws(Refusal) -> [UInt8] {
        let text = try MessageRules.text(text.required("content.text", "a string of 1 to 10,000 characters"))
        let kind = try kind.required("content.type", "TEXT, IMAGE, FILE or URL")
        guard kind != .system else { throw .invalid("content.type", "TEXT, IMAGE, FILE or URL") }
        let mentions = try mentions.required("mentions", "a list of at most \(MessageRules.maxMentions) user ids")
        guard mentions.count <= MessageRules.maxMentions else {
            throw .invalid("mentions", "a list of at most \(MessageRules.maxMentions) user ids")
        }
        var out = ByteWriter(capacity: text.utf8.count + 64)
        MessageJSON.writeMembers(
            content: MessageContent(text: text, kind: kind),
            replyTo: try replyTo.optional("replyToMessageId", "24 hexadecimal digits"),
            threadID: try thread.optional("threadId", "24 hexadecimal digits"), mentions: mentions, into: &out)
        return out.bytes
    }

    private mutating func readContent(_ reader: inout JSONReader, _ json: Span<UInt8>) throws(JSONError) {
        try reader.beginObject(in: json)
        while let key = try reader.nextKey(in: json) {
            if key.equals("text", in: json) {
                text = Found(try Fields.string(&reader, json))
            } else if key.equals("type", in: json) {
                kind = Found(try Fields.string(&reader, json).flatMap(MessageContent.Kind.init))
            }
        }
    }

    private static func string(_ reader: inout JSONReader, _ json: Span<UInt8>) throws(JSONError) -> String? {
        try read(&reader, json) { String(utf8: $0) }
    }

    /// Lends the bytes of a string without making one; nil for any other value.
    private static func read<Value>(
        _ reader: inout JSONReader, _ json: Span<UInt8>, _ body: (Span<UInt8>) -> Value?
    ) throws(JSONError) -> Value? {
        guard try reader.peekType(in: json) == .string else {
            try reader.skipValue(in: json)
            return nil
        }
        let text = try reader.string(in: json)
        guard text.isEscaped else { return body(json.extracting(text.range)) }
        var decoded = ByteWriter(capacity: text.range.count)
        text.append(to: &decoded, from: json)
        return body(decoded.bytes.span)
    }

    /// An id, or null for none.
    private static func objectID(
        _ reader: inout JSONReader, _ json: Span<UInt8>
    ) throws(JSONError) -> Found<ObjectID> {
        guard try reader.peekType(in: json) != .null else {
            try reader.null(in: json)
            return .missing
        }
        return Found(try read(&reader, json) { ObjectID(hex: $0) })
    }

    private static func userIDs(_ reader: inout JSONReader, _ json: Span<UInt8>) throws(JSONError) -> Found<[UserID]> {
        guard case .array(let values) = try reader.value(in: json) else { return .malformed }
        let ids = values.compactMap(\.int64).filter { $0 > 0 }
        return ids.count == values.count ? .valid(ids.map(UserID.init)) : .malformed
    }
}
