import Gateway
import Security

extension MessageIDs {
    /// Ids that no other process gives: the process's part and the start of the counter are random.
    static func ofThisProcess() -> MessageIDs {
        let bytes = SecureRandom.bytes(8)
        let process = bytes.prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return MessageIDs(process: process, start: bytes.suffix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
}
