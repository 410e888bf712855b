import Application
import Bytes
import Domain
import WireProtocols

/// What publish.lua answers.
enum PublishReply {
    /// Three values for each of `count` messages; nil where the reply is of another shape.
    static func outcomes(_ reply: RESPReply, count: Int) -> [PublishOutcome]? {
        guard reply.count == 3 * count else { return nil }
        var outcomes: [PublishOutcome] = []
        outcomes.reserveCapacity(count)
        for index in stride(from: 0, to: reply.count, by: 3) {
            guard let outcome = outcome(reply[index], reply[index + 1], reply[index + 2]) else { return nil }
            outcomes.append(outcome)
        }
        return outcomes
    }

    private static func outcome(_ answer: RESPReply, _ detail: RESPReply, _ number: RESPReply) -> PublishOutcome? {
        guard answer.equals("IN") else {
            if detail.equals("ROOM_RATE") {
                return number.decimal.map { .overRate(retryAfterMilliseconds: Int(clamping: $0)) }
            }
            return PublishRefusal(rawValue: detail.string).map { .refused($0) }
        }
        return detail.withBytes { text in
            guard let space = text.firstIndex(of: ASCII.space), let id = MessageID(hex: text.extracting(0..<space)),
                let time = text.extracting((space + 1)..<text.count).decimal().flatMap({ Int64(exactly: $0) }),
                let seq = number.decimal
            else { return nil }
            return .inLog(id: id, seq: seq, createdAt: Timestamp(milliseconds: time))
        }
    }
}

/// What open.lua answers.
enum OpenReply {
    /// The room as each of `count` users finds it; nil where the reply is of another shape.
    static func openings(_ reply: RESPReply, count: Int) -> [RoomOpening]? {
        guard reply.count == 4 + count, let epoch = reply[0].decimal, let last = reply[1].withBytes({ Position($0) }),
            let saved = reply[2].withBytes({ Position($0) }), let version = reply[3].decimal
        else { return nil }
        return (4..<reply.count).map { index in
            let standing = MemberStanding(reply[index].bytes)
            return RoomOpening(
                epoch: epoch, last: last, saved: saved, membershipVersion: version, role: standing?.role,
                joinedSeq: standing?.joinedSeq ?? 0)
        }
    }
}

extension Ring {
    /// What is rung on a room's channel: a letter, a space and a position, or for typing a user and 0 or 1.
    init?(_ payload: Span<UInt8>) {
        if payload.count > 4, payload[0] == UInt8(ascii: "t") {
            let end = payload.count - 2
            guard let user = payload.extracting(2..<end).decimal().flatMap({ Int64(exactly: $0) }) else { return nil }
            self = .typing(UserID(rawValue: user), payload[end + 1] == UInt8(ascii: "1"))
            return
        }
        guard payload.count > 2, let position = Position(payload.extracting(2..<payload.count)) else { return nil }
        switch payload[0] {
        case UInt8(ascii: "a"): self = .appended(position)
        case UInt8(ascii: "p"): self = .processing(position)
        case UInt8(ascii: "s"): self = .saved(position)
        default: return nil
        }
    }
}

/// A participant as the members hash has one: a letter for the role, then the number at which they joined.
struct MemberStanding {
    let role: Role
    let joinedSeq: UInt64

    init(role: Role, joinedSeq: UInt64) {
        self.role = role
        self.joinedSeq = joinedSeq
    }

    init?(_ text: [UInt8]) {
        switch text.first {
        case UInt8(ascii: "O"): role = .owner
        case UInt8(ascii: "A"): role = .admin
        case UInt8(ascii: "M"): role = .member
        default: return nil
        }
        guard let joined = Array(text.dropFirst()).span.decimal() else { return nil }
        joinedSeq = joined
    }

    var text: [UInt8] {
        var out = ByteWriter(capacity: 8)
        out.append(utf8: String(role.rawValue.prefix(1)))
        out.append(decimal: joinedSeq)
        return out.bytes
    }
}
