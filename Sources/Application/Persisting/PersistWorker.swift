import Domain

/// Stores what claimed rooms have: one round of a persister.
///
/// Nothing here rests on the claim alone: a worker that was stopped past its lease stores what is stored already, which
/// changes nothing, and its finish is refused.
public struct PersistWorker: Sendable {
    private let log: any PersistLog
    private let store: any MessageStore
    private let deadLetters: any DeadLetterStore
    private let tracer: Tracer?
    private let makeToken: @Sendable () -> String
    private let makeID: @Sendable () -> MessageID

    /// How long a room is left alone after MongoDB could not be reached, ms.
    static let retryMilliseconds: UInt64 = 500
    /// How long a room is left alone that something is wrong with, ms.
    static let faultMilliseconds: UInt64 = 5000

    /// Messages that are stored in one transaction. What it has written has to stay in MongoDB's cache until it ends: with
    /// 8,000 messages and a cache of 256 MB it was rolled back time and again. A larger batch gains little by it anyway.
    static let maxMessagesAtOnce = 1000

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

    public init(
        log: any PersistLog, store: any MessageStore, deadLetters: any DeadLetterStore, tracer: Tracer? = nil,
        makeToken: @escaping @Sendable () -> String, makeID: @escaping @Sendable () -> MessageID
    ) {
        self.log = log
        self.store = store
        self.deadLetters = deadLetters
        self.tracer = tracer
        self.makeToken = makeToken
        self.makeID = makeID
    }

    /// Claims due rooms of these shards and stores what they have.
    /// - Throws: `RoomLogError` where Redis does not answer; the lease then runs out by itself.
    public func run(shards: [Int]) async throws(RoomLogError) -> Report {
        let token = makeToken()
        let begun = tracer?.now
        let claim = try await log.claim(shards: shards, token: token)
        var report = Report()
        report.rooms = claim.rooms.count + claim.unreadable.count
        guard report.rooms > 0 else { return report }
        report.failedRooms = claim.unreadable.count
        let unreadable = claim.unreadable.map {
            FinishedRoom(postponed: $0, byMilliseconds: PersistWorker.faultMilliseconds)
        }
        try await work(on: claim.rooms.filter { !$0.isSuspect }, besides: unreadable, token, from: begun, &report)
        // When all others are done with: who dies of one of these takes no other along.
        for room in claim.rooms.filter(\.isSuspect) {
            try await work(on: [room], besides: [], token, from: begun, &report)
        }
        return report
    }

    private func work(
        on rooms: [ClaimedRoom], besides others: [FinishedRoom], _ token: String, from begun: WallTime?,
        _ report: inout Report
    ) async throws(RoomLogError) {
        guard !rooms.isEmpty || !others.isEmpty else { return }
        let batch = PersistBatch(rooms)
        record(.claim, of: batch, from: begun)
        log.announceProcessing(batch.begun)
        let finished = await settle(batch, token: token, &report) + others
        report.claimsLost += try await finish(finished, of: batch, token: token)
    }

    /// Ends the claims; how many of them had been lost meanwhile.
    private func finish(
        _ rooms: [FinishedRoom], of batch: PersistBatch, token: String
    ) async throws(RoomLogError) -> Int {
        let begun = tracer?.now
        do throws(RoomLogError) {
            let lost = try await log.finish(rooms, token: token)
            record(.finish, of: batch, from: begun) { message in
                lost.contains(message.roomID) ? "the claim was lost" : nil
            }
            return lost.count
        } catch {
            record(.finish, of: batch, from: begun) { _ in "the room log did not answer: \(error)" }
            throw error
        }
    }

    /// Stores a batch and says what to report of its rooms. Where MongoDB refuses the batch it is halved, until the
    /// rooms at fault are alone: only they are put off.
    private func settle(_ batch: PersistBatch, token: String, _ report: inout Report) async -> [FinishedRoom] {
        if case .unavailable = report.storeError {
            return batch.postponed(byMilliseconds: PersistWorker.retryMilliseconds)
        }
        let begun = tracer?.now
        do throws(StoreError) {
            return try await store(batch, token: token, &report, from: begun)
        } catch {
            record(.store, of: batch, from: begun) { _ in error.cause }
            report.storeError = error
            guard case .failed = error else {
                return batch.postponed(byMilliseconds: PersistWorker.retryMilliseconds)
            }
            guard let halves = batch.halves else {
                report.failedRooms += 1
                return batch.postponed(byMilliseconds: PersistWorker.faultMilliseconds)
            }
            let first = await settle(halves.0, token: token, &report)
            return first + (await settle(halves.1, token: token, &report))
        }
    }

    /// Stores a batch whole, as far as nothing has to wait; the report counts it only then.
    private func store(
        _ batch: PersistBatch, token: String, _ report: inout Report, from begun: WallTime?
    ) async throws(StoreError) -> [FinishedRoom] {
        if try await storeAtOnce(batch) {
            record(.store, of: batch, from: begun)
            report.stored += batch.messages.count
            report.oldest = [report.oldest, batch.oldest].compactMap(\.self).min()
            return batch.finished
        }
        let outcomes = try await store.insert(batch.messages)
        let changed = try await store.change(batch.changes)
        let failures = batch.failures(outcomes, changed)
        let verdict = PersistVerdict(batch, counted: try await count(failures, token: token))
        try await bury(verdict.letters, token: token)
        try await store.advance(verdict.done.progress(batch.stored(outcomes)))
        for case (let message, .duplicate(let first)) in zip(batch.messages, outcomes) {
            try await asking { () throws(RoomLogError) in
                try await log.tellRepeat(message, of: first, token: token)
            }
        }
        let failed = Set(failures.map(\.id))
        record(.store, of: batch, from: begun) { message in
            failed.contains(EntryID(message.roomID, Position(seq: message.seq))) ? ErrorCode.rejected.rawValue : nil
        }
        let (stored, rejected) = (outcomes.count { $0 == .stored }, outcomes.count { $0.isRejected })
        let refusals = rejected + changed.count { $0.isRejected }
        report.stored += stored
        report.rejected += refusals
        report.duplicates += outcomes.count - stored - rejected
        report.unreadable += failures.count - refusals
        report.deadLetters += verdict.letters.map(\.id)
        report.pauses += verdict.pauses.map {
            Report.Pause(shard: log.shard(of: $0.room), milliseconds: $0.milliseconds)
        }
        report.oldest = [report.oldest, verdict.done.oldest].compactMap(\.self).min()
        return verdict.finished
    }

    /// The road of nearly every batch: nothing in it has been stored before, nothing is refused, nobody comes or goes.
    /// False where it turns out otherwise; nothing is done then.
    private func storeAtOnce(_ batch: PersistBatch) async throws(StoreError) -> Bool {
        guard batch.messages.count <= PersistWorker.maxMessagesAtOnce, batch.isSound else { return false }
        let progress = batch.progress(Set(batch.messages.map(\.id)))
        guard progress.allSatisfy(\.membership.isEmpty) else { return false }
        return try await store.storeAtOnce(batch.messages, advancing: progress)
    }

    /// Counts tries that failed, each with all tries of its entry so far.
    private func count(
        _ failures: [FailedEntry], token: String
    ) async throws(StoreError) -> [EntryID: [FailedTry]?] {
        guard !failures.isEmpty else { return [:] }
        let tries = try await asking { () throws(RoomLogError) in try await log.count(failures, token: token) }
        return Dictionary(zip(failures.map(\.id), tries)) { $1 }
    }

    /// Makes dead letters of entries. Each step changes nothing when it is repeated, and the room's positions in MongoDB
    /// move after the last of them: as long as they have not, another worker does all of it again.
    private func bury(_ letters: [DeadLetter], token: String) async throws(StoreError) {
        guard !letters.isEmpty else { return }
        try await deadLetters.keep(letters)
        for case .rejected(let cause) in try await store.insert(letters.compactMap { $0.placeholder(makeID: makeID) }) {
            throw .failed("a placeholder was refused: \(cause)")
        }
        try await asking { () throws(RoomLogError) in
            try await log.bury(letters, code: .rejected, token: token)
        }
    }

    /// Records a stage for each traced message of the batch: most batches have none.
    private func record(
        _ stage: TraceSpan.Stage, of batch: PersistBatch, from begun: WallTime?,
        fault: (Message) -> String? = { _ in nil }
    ) {
        guard let tracer, let begun else { return }
        let end = tracer.now
        for (message, trace) in batch.traced {
            tracer.record(
                stage, tracer.below(trace), parent: trace.spanID, from: begun, to: end,
                TraceSubject(roomID: message.roomID, messageID: message.id, seq: message.seq), fault: fault(message))
        }
    }

    /// Asks the room log for something without which the batch can't be stored.
    private func asking<Answer: Sendable>(
        _ body: () async throws(RoomLogError) -> Answer
    ) async throws(StoreError) -> Answer {
        do throws(RoomLogError) {
            return try await body()
        } catch {
            let cause = "the room log did not take what became of a message: \(error)"
            switch error {
            case .unavailable, .outcomeUnknown: throw .unavailable(cause)
            case .cold, .stale, .noGroup, .failed: throw .failed(cause)
            }
        }
    }
}

extension StoreOutcome {
    fileprivate var isRejected: Bool {
        if case .rejected = self { true } else { false }
    }
}
