/// The bounds of a gateway, each with its unit and reason.
public enum GatewayLimits {
    /// Messages in one publish call: at 15-20 us of Redis' time each, a call stays within about 5 ms.
    static let maxMessagesPerPublish = 256
    /// Bytes waiting to be published in one room; past it a send is refused with BUSY.
    static let maxQueuedPublishBytes = 8 << 20
    /// Messages of one room whose senders are followed to SAVED.
    static let maxTrackedMessages = 20_000
    /// How long a room without subscribers stays open, ms: a client that reconnects finds it open.
    static let roomLingerMilliseconds: UInt64 = 10_000
    /// Entries read from one room's log in one go.
    public static let maxEntriesPerRead = 1024
    /// How long a send is tried before its sender is told OUTCOME_UNKNOWN or FAILED, ms.
    static let publishDeadlineMilliseconds: UInt64 = 5000
    /// Pause before a publish is tried again, ms.
    static let publishRetryMilliseconds: UInt64 = 50
    /// When a sender is asked to try again who was refused for want of memory, ms: it takes the persister and the janitor
    /// seconds to make room.
    static let memoryRetryMilliseconds = 5000
    /// Between two passes over all open rooms, ms: it finds what a lost ring hid.
    static let sweepMilliseconds: UInt64 = 60_000
    /// Into how many slices a pass is cut, so that it is never felt.
    static let sweepSlices = 60
    /// Rooms read in one call: what it brings is handed out within a few milliseconds.
    static let maxRoomsPerRead = 256
    /// Saved positions of one room that wait for the cursor; of more the newest replaces the one before.
    static let maxSavedMarks = 16
    /// Pause before a log that could not be read is read again, ms.
    static let rereadMilliseconds: UInt64 = 250
    /// How often a room is read from MongoDB until it is in Redis: it may have changed, and been taken out of Redis, in
    /// between.
    static let maxWarmAttempts = 5
    /// Messages read from the store at once to fill a gap.
    static let gapPage = 100
    /// Messages of which is remembered that they were told further on than the rest, for one reader of the store: as many
    /// as are changed while it reads. Of more than these some may be told once more as they were before.
    static let maxToldAhead = 4096
    /// Bytes of a text that a message gets by an edit: what a SEND may have by default, so that no change is larger than a
    /// message.
    static let maxEditBytes = 64 << 10
    /// Entries read at once from a room's log for subscriptions that resume.
    static let backfillPage = 512
    /// Further subscriptions that are served out of one page: a few milliseconds of writing, between which live messages go.
    static let backfillsPerPage = 31
    /// Bytes handed at once to a subscription that resumes, give or take a message: a quarter of what may wait for it.
    static let backfillBytes = 128 << 10
    /// The bytes up to which the last page of a resume goes out together with what follows live, instead of waiting until
    /// the socket has taken it: some twenty messages.
    static let lastReplayBytes = 8 << 10
    /// Sends and the like of one session that are under way at once; past it its socket is read no more. Subscriptions have a
    /// bound of their own.
    static let maxOutstandingPerSession = 256
    /// Deliveries that wait for one subscription's acknowledgements; past it the client is cut off and can resume.
    static let maxWaitingDeliveries = 1024
    /// Messages that one loop begins to record in a second: clients ask for it by a flag, and the spans of this many
    /// are some 500 a second, which a collector takes easily. Further ones go untraced.
    static let maxTracesPerSecond = 100
    /// How long the first send that finds its user's allowance empty waits for what other loops give back, ms: some
    /// round trips.
    static let recallMilliseconds: UInt64 = 100
    /// How long sends are then refused without asking again, ms: somebody may have given back what they did not use.
    static let refusedMilliseconds: UInt64 = 1000
    /// Between two looks for allowances whose minute is over, ms.
    static let allowanceSweepMilliseconds: UInt64 = 10_000
    /// After how many ticks each session is noted again: 10 s, a third of the time after which it counts as dead.
    static let sessionNoteTicks: UInt64 = 10
    /// Between two looks for typists who have come to an end, ms.
    static let typingSweepMilliseconds: UInt64 = 10_000
    /// Pairs of typist and room that one loop looks after; what comes from more is dropped.
    static let maxTypists = 20_000
    /// Rooms in which one session's typing is ended when it goes.
    static let maxTypingRooms = 32
    /// Bytes waiting for a client past which it is not told what may be lost: an eighth of what may wait for it.
    static let ephemeralQueueBytes = 64 << 10
    /// Between two signs of life in Redis, ms: a gateway that misses many of them is taken for dead.
    public static let heartbeatMilliseconds: UInt64 = 2000
    /// Between two looks at the sessions' time-outs, ms.
    static let sessionTickMilliseconds: UInt64 = 1000
    /// Rooms whose groups a gateway that stops takes away in one go.
    static let roomsPerClosing = 1024
    /// Between two batches of clients that are told to move, ms.
    static let moveStepMilliseconds: UInt64 = 50
    /// Between two looks at whether a gateway that stops has finished, ms.
    static let stopPollMilliseconds = 10
}
