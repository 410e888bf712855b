/// Bytes that are no reply in RESP2; nothing after them on the same connection can be understood.
public enum RESPError: Error, Equatable, Sendable {
    /// Not RESP2, as hiredis words it.
    case malformed(String)
    /// A reply larger than `RESPLimits.maxReplyBytes` (or the limit given to the reader), in bytes.
    case tooLarge(limit: Int)
    /// hiredis found no memory for the reply.
    case outOfMemory
}
