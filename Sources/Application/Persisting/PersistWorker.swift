import Domain

/// Stores what claimed rooms have: one round of a persister.
///
/// Nothing here rests on the claim alone: a worker that was stopped past its lease stores what is stored already, which
/// changes nothing, and its finish is refused.
public struct PersistWorker: Sendable {
    private let log: any PersistLog
    private let store: any MessageStore
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
        public var rejected = 0
        public var unreadable = 0
        /// Rooms whose claim was lost before it was finished.
        public var claimsLost = 0
        /// Rooms that were put off because Redis or MongoDB refuses what is asked for them.
        public var failedRooms = 0
        /// When the oldest of what was stored had been put into the log; nil where nothing was stored.
        public var oldest: Timestamp?
        /// MongoDB's last error, where there was one; what it was about stays in the log.
        public var storeError: StoreError?
    }

    public init(
        log: any PersistLog, store: any MessageStore, tracer: Tracer? = nil,
        makeToken: @escaping @Sendable () -> String, makeID: @escaping @Sendable () -> MessageID
    ) {
        self.log = log
        self.store = store
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
        let batch = PersistBatch(claim.rooms) { _, _ in makeID() }
        record(.claim, of: batch, from: begun)
        log.announceProcessing(batch.begun)
        let finished =
            await settle(batch, token: token, &report)
            + claim.unreadable.map { FinishedRoom(postponed: $0, byMilliseconds: PersistWorker.faultMilliseconds) }
        report.claimsLost = try await finish(finished, of: batch, token: token)
        return report
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
            try await store(batch, token: token, &report, from: begun)
            return batch.finished
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

    /// Stores a batch whole; the report counts it only then.
    private func store(
        _ batch: PersistBatch, token: String, _ report: inout Report, from begun: WallTime?
    ) async throws(StoreError) {
        let outcomes: [StoreOutcome]
        if let all = try await storeAtOnce(batch) {
            outcomes = all
        } else {
            outcomes = try await storeOneByOne(batch, token: token)
        }
        let rejected = zip(batch.messages, outcomes).filter { $0.1.isRejected }.map(\.0)
        record(.store, of: batch, from: begun) { message in
            rejected.contains { $0.id == message.id } ? ErrorCode.rejected.rawValue : nil
        }
        let stored = outcomes.count { $0 == .stored }
        report.stored += stored
        report.rejected += rejected.count
        report.duplicates += outcomes.count - stored - rejected.count
        report.unreadable += batch.unreadable
        report.oldest = [report.oldest, batch.oldest].compactMap(\.self).min()
    }

    /// The road of nearly every batch: nothing in it has been stored before, nothing is refused, nobody comes or goes.
    /// nil where it turns out otherwise; nothing is done then.
    private func storeAtOnce(_ batch: PersistBatch) async throws(StoreError) -> [StoreOutcome]? {
        guard batch.messages.count <= PersistWorker.maxMessagesAtOnce else { return nil }
        let outcomes = batch.messages.map { _ in StoreOutcome.stored }
        let progress = batch.progress(outcomes)
        guard progress.allSatisfy(\.membership.isEmpty),
            try await store.storeAtOnce(batch.messages, advancing: progress)
        else { return nil }
        return outcomes
    }

    /// Stores what can be stored and finds out about the rest.
    private func storeOneByOne(_ batch: PersistBatch, token: String) async throws(StoreError) -> [StoreOutcome] {
        let outcomes = try await store.insert(batch.messages)
        let rejected = zip(batch.messages, outcomes).filter { $0.1.isRejected }.map(\.0)
        try await putPlaceholders(for: rejected)
        try await store.advance(batch.progress(outcomes))
        for message in rejected {
            try await tellFailed(message, token: token)
        }
        return outcomes
    }

    /// Stores what keeps the numbers of messages that MongoDB refuses.
    private func putPlaceholders(for rejected: [Message]) async throws(StoreError) {
        guard !rejected.isEmpty else { return }
        let placeholders = rejected.map {
            PersistBatch.placeholder(id: $0.id, room: $0.roomID, seq: $0.seq, sender: $0.senderID, at: $0.createdAt)
        }
        for case .rejected(let cause) in try await store.insert(placeholders) {
            throw .failed("a placeholder was refused: \(cause)")
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

    private func tellFailed(_ message: Message, token: String) async throws(StoreError) {
        do throws(RoomLogError) {
            try await log.fail(message, code: .rejected, token: token)
        } catch {
            let cause = "the room log did not take a failure: \(error)"
            switch error {
            case .unavailable, .outcomeUnknown: throw .unavailable(cause)
            case .cold, .noGroup, .failed: throw .failed(cause)
            }
        }
    }
}

extension StoreOutcome {
    fileprivate var isRejected: Bool {
        if case .rejected = self { true } else { false }
    }
}
