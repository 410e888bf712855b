import Application
import Bytes
import Domain
import WireProtocols

/// Reads entries of a room's log: `h` is a line of words, `b` a body that depends on the kind.
///
///     1 m <previous> <ms> <sender> <message id> <temp id> [<traceparent>]          b: JSON members
///     1 s <previous> <ms> <actor> <message id> <INVITE|KICK|LEAVE> <version> <ids>  b: JSON members
///     1 f <previous> <ms> <sender> <message id> <temp id>                          b: error code
///
/// The first word is the version of the format, so that two releases can run side by side. What can't be read becomes an
/// entry that says so: it never stops the ones behind it.
enum LogEntryDecoder {
    private static let version: UInt8 = UInt8(ascii: "1")

    /// The entry in one element of an XREAD or XRANGE reply; nil where not even its position can be read.
    static func entry(_ reply: RESPReply) -> LogEntry? {
        guard reply.count == 2, let position = Position(reply[0].bytes) else { return nil }
        let fields = reply[1]
        guard fields.count == 4, fields[0].equals("h"), fields[2].equals("b") else {
            return unreadable(position, "its fields are not h and b")
        }
        let body = fields[3].bytes
        return fields[1].withBytes { head in entry(head, body: body, at: position) }
    }

    private static func entry(_ head: Span<UInt8>, body: [UInt8], at position: Position) -> LogEntry {
        var words = Words(head)
        guard words.next(in: head) == [version] else { return unreadable(position, "a format of another release") }
        guard let kind = words.next(in: head), let previous = words.next(in: head).flatMap({ Position($0) }),
            let time = words.number(in: head), let user = words.number(in: head),
            let id = words.next(in: head).flatMap({ MessageID(hex: $0) })
        else { return unreadable(position, "its head is not of its form") }
        let rest = (first: words.next(in: head), second: words.next(in: head), third: words.next(in: head))
        let sender = UserID(rawValue: user)
        let event: LogEntry.Event?
        var trace: TraceContext?
        switch kind {
        case [UInt8(ascii: "m")]:
            trace = rest.second.flatMap { TraceContext(traceparent: $0.span) }
            event = rest.first.flatMap { TempID($0) }.map {
                .message(id: id, senderID: sender, tempID: $0, members: body)
            }
        case [UInt8(ascii: "s")]:
            event = change(rest.first, rest.second, rest.third).map {
                .membership(id: id, actorID: sender, change: $0, members: body)
            }
        case [UInt8(ascii: "f")]:
            event = rest.first.flatMap { TempID($0) }.map {
                let code = ErrorCode(rawValue: String(decoding: body, as: UTF8.self)) ?? .rejected
                return .failed(id: id, senderID: sender, tempID: $0, code: code)
            }
        default: event = nil
        }
        return LogEntry(
            position: position, previous: previous, createdAt: Timestamp(milliseconds: time),
            event: event ?? .unreadable("its kind or what belongs to it is not known"), trace: trace)
    }

    /// The entry still has its place: what it says of its predecessor is lost, so it counts as following it.
    private static func unreadable(_ position: Position, _ cause: String) -> LogEntry {
        let previous = position.change > 0 ? Position(seq: position.seq, change: position.change - 1) : nil
        return LogEntry(
            position: position, previous: previous ?? Position(seq: position.seq - min(position.seq, 1)),
            createdAt: Timestamp(milliseconds: 0), event: .unreadable(cause))
    }

    private static func change(_ kind: [UInt8]?, _ version: [UInt8]?, _ users: [UInt8]?) -> MembershipChange? {
        guard let kind = kind.flatMap({ MembershipChange.Kind(rawValue: String(decoding: $0, as: UTF8.self)) }),
            let version = version?.span.decimal()
        else { return nil }
        let ids = (users ?? []).split(separator: ASCII.comma).compactMap { digits in
            Array(digits).span.decimal().flatMap { Int64(exactly: $0) }
        }
        return ids.isEmpty
            ? nil : MembershipChange(kind: kind, userIDs: ids.map(UserID.init), version: version)
    }

    /// Words between single spaces.
    private struct Words {
        private var start = 0
        private let end: Int

        init(_ text: Span<UInt8>) { end = text.count }

        mutating func next(in text: Span<UInt8>) -> [UInt8]? {
            guard start < end else { return nil }
            let stop = text.firstIndex(of: ASCII.space, from: start) ?? end
            defer { start = stop + 1 }
            return [UInt8](copying: text.extracting(start..<stop))
        }

        mutating func number(in text: Span<UInt8>) -> Int64? {
            next(in: text).flatMap { $0.span.decimal() }.flatMap { Int64(exactly: $0) }
        }
    }
}
