/// The bounds of this target, each with its unit and its reason.
public enum MongoLimits {
    /// Threads of one process that calls run on, and connections with them: a call waits for the server nearly all of
    /// its time, and a server of few cores gains nothing from more at once.
    public static let threads = 8
    /// Calls that may wait for a thread; at a millisecond a call the last of them still gets its answer in time.
    public static let maxQueued = 4096
    /// Bytes of one document; what MongoDB takes (16 MiB).
    static let maxDocumentBytes = 16 * 1024 * 1024
    /// Documents within documents that are read; what MongoDB itself allows is 200.
    static let maxNesting = 200
    /// Milliseconds that a call waits for a server it may use: long enough for an election, short enough that a reader
    /// gets its 503 while somebody still waits.
    public static let serverSelectionMilliseconds: Int32 = 5000
    /// Milliseconds for a TCP connection and its TLS handshake.
    static let connectMilliseconds: Int32 = 5000
    /// Milliseconds without a byte from the server before a connection is given up. The driver's own 5 minutes would
    /// hold a thread of the pool for as long.
    static let socketMilliseconds: Int32 = 20_000
    /// Milliseconds that a write waits for the majority before it counts as not acknowledged.
    static let writeConcernMilliseconds: Int64 = 10_000
    /// Milliseconds within which a transaction that met another one is tried again.
    static let transactionMilliseconds: UInt64 = 5000
    /// Milliseconds at most between two tries of a transaction.
    static let transactionPauseMilliseconds: UInt64 = 50
    /// Participants that are kept for lists of rooms, over all rooms, in a gateway: some 10 MiB of them.
    static let maxKeptParticipants = 100_000
    /// Rooms of one user that the room list is sorted out of.
    static let maxRoomsPerUser = 10_000
    /// Bytes of an entry that its dead letter keeps: far more than a message can have, far less than a document may.
    static let maxDeadLetterBytes = 1 << 20
    /// Bytes of an entry that a dead letter keeps beside another: all of an ordinary message, and in sum less than a
    /// document may have.
    static let maxOtherDeadLetterBytes = 64 << 10
    /// Dead letters that are kept beside another: each stands for a loss in Redis at that very number.
    static let maxOtherDeadLetters: Int32 = 8
    /// Items of one page of a list.
    static let maxPage = 100
}
