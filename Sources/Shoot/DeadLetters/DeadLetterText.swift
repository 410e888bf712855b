import Application
import Bytes
import Domain
import Mongo

/// Dead letters as text, for a person.
enum DeadLetterText {
    /// A page of a list, a line each.
    static func page(_ letters: [KeptDeadLetter], next: EntryID?) -> String {
        var lines = letters.map { kept in
            let sender = kept.letter.origin.map { "user \($0.senderID.rawValue)" } ?? "unknown"
            let cause = kept.letter.tries.last?.cause ?? ""
            return "\(kept.failedAt)  \(kept.state.rawValue)  \(kept.letter.id)  \(sender)  \(cause)"
        }
        if letters.isEmpty {
            lines.append("no dead letters")
        }
        if let next {
            lines.append("more: --after \(next)")
        }
        return lines.joined(separator: "\n")
    }

    /// One of them with all that it holds. The entry is written as a JSON string: it may hold what a terminal would obey.
    static func letter(_ kept: KeptDeadLetter) -> String {
        let letter = kept.letter
        let cut = letter.raw.count < kept.rawBytes ? "  (the first \(letter.raw.count) of \(kept.rawBytes) bytes)" : ""
        let settled = kept.settledAt.map { " at \($0)" } ?? ""
        var lines: [(name: String, text: String)] = [
            ("id", "\(letter.id)"), ("state", kept.state.rawValue + settled), ("failed", "\(kept.failedAt)"),
            ("room", "\(letter.id.roomID)"), ("seq", "\(letter.id.position.seq)"),
        ]
        lines += contents(letter, cut)
        for other in kept.others {
            lines.append(("other", "has become a dead letter at this place, too"))
            lines += contents(other)
        }
        return lines.map { line -> String in
            line.name + String(repeating: " ", count: max(9 - line.name.count, 1)) + line.text
        }.joined(separator: "\n")
    }

    private static func contents(_ letter: DeadLetter, _ cut: String = "") -> [(name: String, text: String)] {
        var entry = ByteWriter(capacity: letter.raw.count + 2)
        entry.append(jsonString: String(decoding: letter.raw, as: UTF8.self))
        let origin = letter.origin
        var lines: [(name: String, text: String)] = [
            ("message", origin.map { "\($0.messageID)" } ?? "unknown"),
            ("sender", origin.map { "\($0.senderID.rawValue)" } ?? "unknown"),
            ("tempId", origin?.tempID.map { "\($0)" } ?? "none"),
        ]
        for failed in letter.tries {
            lines.append(("try", "\(failed.at)  \(failed.cause)"))
        }
        lines.append(("entry", String(decoding: entry.bytes, as: UTF8.self) + cut))
        return lines
    }
}
