import Domain

extension PersistWorker {
    /// What a round came to.
    public struct Report: Sendable, Equatable {
        public var rooms = 0
        public var stored = 0
        public var duplicates = 0
        /// Tries that MongoDB refused.
        public var rejected = 0
        /// Tries of entries that could not be read.
        public var unreadable = 0
        /// What was given up.
        public var deadLetters: [EntryID] = []
        /// When to look at which shards again.
        public var pauses: [Pause] = []
        /// Rooms whose claim was lost before it was finished.
        public var claimsLost = 0
        /// Rooms that were put off because Redis or MongoDB refuses what is asked for them.
        public var failedRooms = 0
        /// When the oldest of what was stored had been put into the log; nil where nothing was stored.
        public var oldest: Timestamp?
        /// Why Redis did not answer, where it did not: the round ended there, and what had not been finished is claimed
        /// again when its lease has run out.
        public var logError: RoomLogError?
        /// MongoDB's last error, where there was one; what it was about stays in the log.
        public var storeError: StoreError?

        /// A shard with a room that waits for another try.
        public struct Pause: Sendable, Equatable {
            public let shard: Int
            public let milliseconds: UInt64

            public init(shard: Int, milliseconds: UInt64) {
                self.shard = shard
                self.milliseconds = milliseconds
            }
        }
    }
}
