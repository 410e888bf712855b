/// The bounds of the Redis protocol codec.
public enum RESPLimits {
    /// The most bytes that one reply may take on the wire: a reply is built in memory before it can be looked at. The
    /// largest that are asked for here are slices of a room's log, a few MiB.
    public static let maxReplyBytes = 64 * 1024 * 1024

    /// The most levels of arrays within arrays; fixed by hiredis 0.14. `XREADGROUP` needs four.
    public static let maxDepth = 8

    /// Bytes of room that a writer begins with after its bytes were taken: a usual turn's commands, but not the memory
    /// of a burst for ever.
    public static let keptWriterBytes = 16 * 1024
}
