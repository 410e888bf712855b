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
    private let leaseMilliseconds: UInt64
    private let now: @Sendable () -> UInt64
    private let makeToken: @Sendable () -> String
    private let makeID: @Sendable () -> MessageID

    /// How long a room is left alone after MongoDB could not be reached, ms.
    static let retryMilliseconds: UInt64 = 500
    /// How long a room is left alone that something is wrong with, ms.
    static let faultMilliseconds: UInt64 = 5000

    /// Messages and changes that are stored in one transaction. What it has written has to stay in MongoDB's cache until
    /// it ends: with 8,000 messages and a cache of 256 MB it was rolled back time and again. A larger batch gains little
    /// by it anyway.
    static let maxMessagesAtOnce = 1000

    /// - Parameters:
    ///   - leaseMilliseconds: how long a claim holds.
    ///   - now: ms by a clock that only goes forward.
    public init(
        log: any PersistLog, store: any MessageStore, deadLetters: any DeadLetterStore, tracer: Tracer? = nil,
        leaseMilliseconds: UInt64, now: @escaping @Sendable () -> UInt64, makeToken: @escaping @Sendable () -> String,
        makeID: @escaping @Sendable () -> MessageID
    ) {
        self.log = log
        self.store = store
        self.deadLetters = deadLetters
        self.tracer = tracer
        self.leaseMilliseconds = leaseMilliseconds
        self.now = now
        self.makeToken = makeToken
        self.makeID = makeID
    }

    /// Claims due rooms of these shards and stores what they have.
    public func run(shards: [Int]) async -> Report {
        let (token, begun, start) = (makeToken(), tracer?.now, now())
        var report = Report()
        let claim: Claim
        do throws(RoomLogError) {
            claim = try await log.claim(shards: shards, token: token)
        } catch {
            report.logError = error
            return report
        }
        report.rooms = claim.rooms.count + claim.unreadable.count
        guard report.rooms > 0 else { return report }
        // A room that is due and has nothing to read lacks an entry that its state knows of.
        let faulty = claim.unreadable + claim.rooms.filter(\.entries.isEmpty).map(\.id)
        report.failedRooms = faulty.count
        let sound = claim.rooms.filter { !$0.entries.isEmpty }
        await work(on: sound.filter { !$0.isSuspect }, token, from: begun, &report)
        let postponed = faulty.map { FinishedRoom(postponed: $0, byMilliseconds: PersistWorker.faultMilliseconds) }
        await finish(postponed, of: PersistBatch([]), token: token, &report)
        // When all others are done with: who dies of one of these takes no other along.
        var suspects = sound.filter(\.isSuspect)[...]
        while let room = suspects.first, now() - start < leaseMilliseconds / 2 {
            await work(on: [room], token, from: begun, &report)
            suspects.removeFirst()
        }
        // Whose turn did not come remains a suspect: its entries do not go back in good order.
        let left = suspects.map { FinishedRoom(postponed: $0.id, byMilliseconds: 0) }
        await finish(left, of: PersistBatch([]), token: token, &report)
        return report
    }

    private func work(
        on rooms: [ClaimedRoom], _ token: String, from begun: WallTime?, _ report: inout Report
    ) async {
        guard !rooms.isEmpty, report.logError == nil else { return }
        let batch = PersistBatch(rooms)
        record(.claim, of: batch, from: begun)
        log.announceProcessing(batch.begun)
        await settle(batch, token: token, &report)
    }

    /// Ends the claims.
    private func finish(
        _ rooms: [FinishedRoom], of batch: PersistBatch, token: String, _ report: inout Report
    ) async {
        guard !rooms.isEmpty, report.logError == nil else { return }
        let begun = tracer?.now
        do throws(RoomLogError) {
            let lost = try await log.finish(rooms, token: token)
            record(.finish, of: batch, from: begun) { message in
                lost.contains(message.roomID) ? "the claim was lost" : nil
            }
            report.claimsLost += lost.count
        } catch {
            record(.finish, of: batch, from: begun) { _ in "the room log did not answer: \(error)" }
            report.logError = error
        }
    }

    /// Stores a batch and ends its claims. Where MongoDB refuses the batch it is halved, until the rooms at fault are
    /// alone: only they are put off. Each part is finished by itself, lest those that come first outlast their lease.
    private func settle(_ batch: PersistBatch, token: String, _ report: inout Report) async {
        guard report.logError == nil else { return }
        let begun = tracer?.now
        let finished: [FinishedRoom]
        do throws(StoreError) {
            if let error = report.storeError, case .unavailable = error { throw error }
            finished = try await store(batch, token: token, &report, from: begun)
        } catch {
            record(.store, of: batch, from: begun) { _ in error.cause }
            report.storeError = error
            switch (error, batch.halves) {
            case (.unavailable, _):
                finished = batch.postponed(byMilliseconds: PersistWorker.retryMilliseconds)
            case (.failed, nil):
                report.failedRooms += 1
                finished = batch.postponed(byMilliseconds: PersistWorker.faultMilliseconds)
            case (.failed, let halves?):
                await settle(halves.0, token: token, &report)
                return await settle(halves.1, token: token, &report)
            }
        }
        await finish(finished, of: batch, token: token, &report)
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
            failed.contains(message.entryID) ? ErrorCode.rejected.rawValue : nil
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
        let progress = batch.progress(Set(batch.messages.map(\.entryID)))
        let writes = progress.reduce(batch.messages.count) { $0 + $1.changes.count }
        guard writes <= PersistWorker.maxMessagesAtOnce, progress.allSatisfy(\.membership.isEmpty) else { return false }
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
