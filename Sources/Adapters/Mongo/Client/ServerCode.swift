/// The error codes of MongoDB's servers that mean something here (`error_codes.yml` of the server names all).
enum ServerCode {
    /// A unique index holds the key already.
    static let duplicateKey: Int32 = 11000
    /// A collection of that name exists.
    static let namespaceExists: Int32 = 48
    /// Another one writes the same documents, or the cache has no room for what is written.
    static let writeConflict: Int32 = 112

    /// Codes that say nothing about the request: the network, elections, time, conflicts with others, a full disk or
    /// cache, writes that an operator has stopped.
    private static let transient: Set<Int32> = [
        6,  // HostUnreachable
        7,  // HostNotFound
        24,  // LockTimeout
        50,  // MaxTimeMSExpired
        64,  // WriteConcernFailed
        89,  // NetworkTimeout
        91,  // ShutdownInProgress
        100,  // UnsatisfiableWriteConcern
        writeConflict,
        133,  // FailedToSatisfyReadPreference
        134,  // ReadConcernMajorityNotAvailableYet
        189,  // PrimarySteppedDown
        202,  // NetworkInterfaceExceededTimeLimit
        246,  // SnapshotUnavailable
        251,  // NoSuchTransaction
        262,  // ExceededTimeLimit
        264,  // TooManyFilesOpen
        290,  // TransactionExceededLifetimeLimitSeconds
        355,  // InterruptedDueToStorageChange
        365,  // TemporarilyUnavailable
        371,  // UserWritesBlocked
        9001,  // SocketException
        10107,  // NotWritablePrimary
        11600,  // InterruptedAtShutdown
        11601,  // Interrupted
        11602,  // InterruptedDueToReplStateChange
        13435,  // NotPrimaryNoSecondaryOk
        13436,  // NotPrimaryOrSecondary
        14031,  // OutOfDiskSpace
    ]

    /// What kind of fault a code stands for.
    static func domain(of code: Int32) -> MongoError.Domain {
        switch code {
        case duplicateKey, 11001, 12582: .duplicateKey
        case _ where transient.contains(code): .unavailable
        default: .refused
        }
    }
}
