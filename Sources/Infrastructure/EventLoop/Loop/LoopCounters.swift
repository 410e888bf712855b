/// What one loop has done since it started. Read it on the loop.
public struct LoopCounters: Sendable {
    /// Turns: one round of timers, I/O, mailbox and flush each.
    public internal(set) var turns: UInt64 = 0
    /// Connections that a listener handed out.
    public internal(set) var accepted: UInt64 = 0
    /// Times that accepting paused for want of descriptors.
    public internal(set) var acceptPauses: UInt64 = 0
    /// Connections that are open now, those being closed included.
    public internal(set) var connections: Int = 0
    /// Bytes read off sockets.
    public internal(set) var bytesRead: UInt64 = 0
    /// Bytes given to the kernel at once, without waiting for the socket.
    public internal(set) var bytesWritten: UInt64 = 0
    /// Write calls that the kernel took something of.
    public internal(set) var writes: UInt64 = 0
    /// Times that a socket took less than was queued, so that the rest had to wait.
    public internal(set) var blockedWrites: UInt64 = 0
    /// Connections closed because their reader was too slow.
    public internal(set) var slowReaders: UInt64 = 0
}
