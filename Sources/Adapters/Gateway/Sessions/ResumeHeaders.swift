import Bytes
import Domain
import WireProtocols

/// The headers of a SUBSCRIBE that say from where to resume.
enum ResumeHeaders {
    /// `position`, which is exact, or else `last-seq`; nil where neither is given.
    static func position(_ frame: STOMPFrame) throws(Refusal) -> Position? {
        let span = frame.bytes.span
        if let range = frame.range(of: "position") {
            guard let position = Position(span.extracting(range)) else {
                throw .invalid("position", "<seq>-<change>, as in the header of a MESSAGE")
            }
            return position
        }
        guard let range = frame.range(of: "last-seq") else { return nil }
        guard let seq = span.extracting(range).decimal() else {
            throw .invalid("last-seq", "the number of the last message that was seen, 0 or more")
        }
        return Position(seq: seq)
    }
}
