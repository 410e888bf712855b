import Application
import Bytes
import Domain
import WireProtocols

/// Reads entries of a room's log: `h` is a line of words, `b` a body that depends on the kind.
///
///     1 m <previous> <ms> <sender> <message id> <temp id> [<traceparent>]          b: JSON members
///     1 s <previous> <ms> <actor> <message id> <INVITE|KICK|LEAVE> <version> <ids>  b: JSON members
///     1 f <previous> <ms> <sender> <message id> <temp id>                          b: error code
///     1 c <previous> <ms> <actor> <message id> <edit|delete|react|unreact> <seq> <flags> <sender> <temp id or ->
///         <ms when sent> <ms when edited, or 0>                                    b: JSON members
///
/// The first word is the version of the format, so that two releases can run side by side. What can't be read becomes an
/// entry that says so: it never stops the ones behind it.
enum LogEntryDecoder {
    private static let version: UInt8 = UInt8(ascii: "1")

    /// The entry in one element of an XREAD or XRANGE reply; nil where not even its position can be read.
    static func entry(_ reply: RESPReply) -> LogEntry? {
        guard reply.count == 2, let position = reply[0].withBytes({ Position($0) }) else { return nil }
        let fields = reply[1]
        guard fields.count == 4, fields[0].equals("h"), fields[2].equals("b") else {
            return unreadable(position, "its fields are not h and b")
        }
        let body = fields[3].bytes
        return fields[1].withBytes { head in entry(head, body: body, at: position) }
    }

    /// The entry that has this head and body.
    static func entry(_ head: Span<UInt8>, body: [UInt8], at position: Position) -> LogEntry {
        do throws(Unreadable) {
            return try readable(head, body: body, at: position)
        } catch {
            return unreadable(position, "\(error.cause)")
        }
    }

    private static func readable(
        _ head: Span<UInt8>, body: [UInt8], at position: Position
    ) throws(Unreadable) -> LogEntry {
        var words = Words(head)
        let release = words.next(in: head)
        guard release.count == 1, head[release.lowerBound] == version else {
            throw Unreadable("it has the format of another release")
        }
        let kind = words.next(in: head)
        guard kind.count == 1 else { throw Unreadable("its kind is not one letter") }
        guard let previous = Position(head.extracting(words.next(in: head))) else {
            throw Unreadable("the position before it can't be read")
        }
        let time = try words.number(in: head, else: "its time is no number")
        let sender = UserID(rawValue: try words.number(in: head, else: "its sender is no number"))
        guard let id = MessageID(hex: head.extracting(words.next(in: head))) else {
            throw Unreadable("its message id can't be read")
        }
        let event: LogEntry.Event
        var trace: TraceContext?
        switch head[kind.lowerBound] {
        case UInt8(ascii: "m"):
            event = .message(id: id, senderID: sender, tempID: try words.tempID(in: head), members: body)
            trace = TraceContext(traceparent: head.extracting(words.next(in: head)))
        case UInt8(ascii: "s"):
            event = .membership(id: id, actorID: sender, change: try change(&words, head), members: body)
        case UInt8(ascii: "c"):
            event = .changed(try messageChange(&words, head, of: id, by: sender, body))
        case UInt8(ascii: "f"):
            let code = ErrorCode(rawValue: String(decoding: body, as: UTF8.self)) ?? .rejected
            event = .failed(id: id, senderID: sender, tempID: try words.tempID(in: head), code: code)
        default: throw Unreadable("its kind is not known")
        }
        return LogEntry(
            position: position, previous: previous, createdAt: Timestamp(milliseconds: time), event: event, trace: trace
        )
    }

    /// The entry still has its place: what it says of its predecessor is lost, so it counts as following it.
    private static func unreadable(_ position: Position, _ cause: String) -> LogEntry {
        let previous = position.change > 0 ? Position(seq: position.seq, change: position.change - 1) : nil
        return LogEntry(
            position: position, previous: previous ?? Position(seq: position.seq - min(position.seq, 1)),
            createdAt: Timestamp(milliseconds: 0), event: .unreadable(cause))
    }

    private static func change(_ words: inout Words, _ head: Span<UInt8>) throws(Unreadable) -> MembershipChange {
        let name = String(utf8: head.extracting(words.next(in: head)))
        guard let kind = name.flatMap({ MembershipChange.Kind(rawValue: $0) }) else {
            throw Unreadable("its change of membership is not known")
        }
        guard let version = head.extracting(words.next(in: head)).decimal() else {
            throw Unreadable("its membership version is no number")
        }
        let ids = [UInt8](copying: head.extracting(words.next(in: head))).split(separator: ASCII.comma)
            .compactMap { Array($0).span.decimal().flatMap { Int64(exactly: $0) } }
        guard !ids.isEmpty else { throw Unreadable("it names no users") }
        return MembershipChange(kind: kind, userIDs: ids.map(UserID.init), version: version)
    }

    private static func messageChange(
        _ words: inout Words, _ head: Span<UInt8>, of id: MessageID, by actor: UserID, _ members: [UInt8]
    ) throws(Unreadable) -> MessageChange {
        let name = String(utf8: head.extracting(words.next(in: head)))
        guard let kind = name.flatMap({ MessageChange.Kind(rawValue: $0) }) else {
            throw Unreadable("its change of a message is not known")
        }
        guard let seq = head.extracting(words.next(in: head)).decimal() else {
            throw Unreadable("the number of the changed message can't be read")
        }
        let flags = [UInt8](copying: head.extracting(words.next(in: head)))
        let sender = try words.number(in: head, else: "the sender of the changed message is no number")
        let tempID = TempID(head.extracting(words.next(in: head)))
        let sent = try words.number(in: head, else: "the time of the changed message is no number")
        let edited = try words.number(in: head, else: "the time of the edit is no number")
        return MessageChange(
            kind: kind, actorID: actor, id: id, seq: seq, senderID: UserID(rawValue: sender), tempID: tempID,
            createdAt: Timestamp(milliseconds: sent), editedAt: edited > 0 ? Timestamp(milliseconds: edited) : nil,
            isDeleted: flags.contains(UInt8(ascii: "d")), isStored: flags.contains(UInt8(ascii: "s")),
            members: members)
    }

    /// What of an entry can't be read.
    private struct Unreadable: Error {
        let cause: StaticString

        init(_ cause: StaticString) { self.cause = cause }
    }

    /// Words between single spaces.
    private struct Words {
        private var start = 0
        private let end: Int

        init(_ text: Span<UInt8>) { end = text.count }

        /// Where the next word is; empty behind the last.
        mutating func next(in text: Span<UInt8>) -> Range<Int> {
            guard start < end else { return end..<end }
            let stop = text.firstIndex(of: ASCII.space, from: start) ?? end
            defer { start = stop + 1 }
            return start..<stop
        }

        mutating func number(in text: Span<UInt8>, else cause: StaticString) throws(Unreadable) -> Int64 {
            guard let number = text.extracting(next(in: text)).decimal().flatMap({ Int64(exactly: $0) }) else {
                throw Unreadable(cause)
            }
            return number
        }

        mutating func tempID(in text: Span<UInt8>) throws(Unreadable) -> TempID {
            guard let tempID = TempID(text.extracting(next(in: text))) else {
                throw Unreadable("its temp id can't be read")
            }
            return tempID
        }
    }
}
