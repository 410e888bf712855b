import Application
import Bytes
import Domain
import Mongo

/// Dead letters as JSON, for scripts.
enum DeadLetterJSON {
    /// A page of a list, in the form of the REST API's.
    static func page(_ letters: [KeptDeadLetter], next: EntryID?) -> String {
        var out = ByteWriter(capacity: 256 * (letters.count + 1))
        out.append("{\"items\":[")
        for (index, letter) in letters.enumerated() {
            if index > 0 {
                out.append(",")
            }
            write(letter, isWhole: false, into: &out)
        }
        out.append("],\"nextCursor\":")
        write(next.map { "\($0)" }, into: &out)
        out.append("}")
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// One of them.
    /// - Parameter isWhole: with what it holds and the history of its tries.
    static func letter(_ letter: KeptDeadLetter, isWhole: Bool) -> String {
        var out = ByteWriter(capacity: 512)
        write(letter, isWhole: isWhole, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func write(_ kept: KeptDeadLetter, isWhole: Bool, into out: inout ByteWriter) {
        let letter = kept.letter
        out.append("{\"id\":")
        write("\(letter.id)", into: &out)
        out.append(",\"state\":")
        write(kept.state.rawValue, into: &out)
        out.append(",\"failedAt\":")
        write("\(kept.failedAt)", into: &out)
        out.append(",\"settledAt\":")
        write(kept.settledAt.map { "\($0)" }, into: &out)
        out.append(",\"roomId\":")
        write("\(letter.id.roomID)", into: &out)
        out.append(",\"seq\":")
        out.append(decimal: letter.id.position.seq)
        out.append(",\"position\":")
        write("\(letter.id.position)", into: &out)
        out.append(",")
        writeOrigin(letter, into: &out)
        if isWhole {
            writeContents(kept, into: &out)
        }
        out.append("}")
    }

    private static func writeContents(_ kept: KeptDeadLetter, into out: inout ByteWriter) {
        out.append(",\"tries\":[")
        for (index, failed) in kept.letter.tries.enumerated() {
            out.append(index > 0 ? ",{\"at\":" : "{\"at\":")
            write("\(failed.at)", into: &out)
            out.append(",\"cause\":")
            write(failed.cause, into: &out)
            out.append("}")
        }
        out.append("],\"entry\":")
        write(String(decoding: kept.letter.raw, as: UTF8.self), into: &out)
        out.append(",\"entryBytes\":")
        out.append(decimal: Int64(kept.rawBytes))
        out.append(",\"others\":[")
        for (index, other) in kept.others.enumerated() {
            out.append(index > 0 ? ",{" : "{")
            writeOrigin(other, into: &out)
            out.append(",\"entry\":")
            write(String(decoding: other.raw, as: UTF8.self), into: &out)
            out.append("}")
        }
        out.append("]")
    }

    private static func writeOrigin(_ letter: DeadLetter, into out: inout ByteWriter) {
        out.append("\"messageId\":")
        write(letter.origin.map { "\($0.messageID)" }, into: &out)
        out.append(",\"senderId\":")
        out.append(utf8: letter.origin.map { "\($0.senderID.rawValue)" } ?? "null")
        out.append(",\"tempId\":")
        write(letter.origin?.tempID.map { "\($0)" }, into: &out)
        out.append(",\"cause\":")
        write(letter.tries.last?.cause, into: &out)
    }

    private static func write(_ text: String?, into out: inout ByteWriter) {
        if let text {
            out.append(jsonString: text)
        } else {
            out.append("null")
        }
    }
}
