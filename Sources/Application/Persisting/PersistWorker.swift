import Domain

/// Stores what claimed rooms have: one round of a persister.
///
/// Nothing here rests on the claim alone: a worker that was stopped past its lease stores what is stored already, which
/// changes nothing, and its finish is refused.
public struct PersistWorker: Sendable {
    private let log: any PersistLog
    private let store: any MessageStore
    private let makeToken: @Sendable () -> String
    private let makeID: @Sendable () -> MessageID

    /// How long a room is left alone after MongoDB could not be reached, ms.
    static let retryMilliseconds: UInt64 = 500

    /// What a round came to.
    public struct Report: Sendable, Equatable {
        public var rooms = 0
        public var stored = 0
        public var duplicates = 0
        public var rejected = 0
        public var unreadable = 0
        /// Rooms whose claim was lost before it was finished.
        public var claimsLost = 0
        /// When the oldest of what was stored had been put into the log; nil where nothing was stored.
        public var oldest: Timestamp?
        /// MongoDB's error, where it could not be reached; everything stays in the log.
        public var storeError: StoreError?
    }

    public init(
        log: any PersistLog, store: any MessageStore, makeToken: @escaping @Sendable () -> String,
        makeID: @escaping @Sendable () -> MessageID
    ) {
        self.log = log
        self.store = store
        self.makeToken = makeToken
        self.makeID = makeID
    }

    /// Claims due rooms of these shards and stores what they have.
    /// - Throws: `RoomLogError` where Redis does not answer; the lease then runs out by itself.
    public func run(shards: [Int]) async throws(RoomLogError) -> Report {
        let token = makeToken()
        let rooms = try await log.claim(shards: shards, token: token)
        var report = Report()
        report.rooms = rooms.count
        guard !rooms.isEmpty else { return report }
        let batch = PersistBatch(rooms) { _, _ in makeID() }
        report.unreadable = rooms.reduce(0) { $0 + $1.entries.count(where: \.isUnreadable) }
        log.announceProcessing(batch.begun)
        do throws(StoreError) {
            let outcomes = try await store.insert(batch.messages)
            let rejected = try await replaceRejected(batch.messages, outcomes, &report)
            try await store.advance(batch.progress)
            for message in rejected {
                try await tellFailed(message, token: token)
            }
        } catch {
            report.storeError = error
            let postponed = batch.postponed(byMilliseconds: PersistWorker.retryMilliseconds)
            report.claimsLost = try await log.finish(postponed, token: token).count
            return report
        }
        report.claimsLost = try await log.finish(batch.finished, token: token).count
        report.oldest = batch.messages.lazy.map(\.createdAt).filter { $0.milliseconds > 0 }.min()
        return report
    }

    /// Puts a placeholder where MongoDB refuses a document, and gives the messages that were refused.
    private func replaceRejected(
        _ messages: [Message], _ outcomes: [StoreOutcome], _ report: inout Report
    ) async throws(StoreError) -> [Message] {
        var rejected: [Message] = []
        for (message, outcome) in zip(messages, outcomes) {
            switch outcome {
            case .stored: report.stored += 1
            case .duplicate: report.duplicates += 1
            case .rejected:
                report.rejected += 1
                rejected.append(message)
            }
        }
        guard !rejected.isEmpty else { return [] }
        let placeholders = rejected.map {
            PersistBatch.placeholder(id: $0.id, room: $0.roomID, seq: $0.seq, sender: $0.senderID, at: $0.createdAt)
        }
        for case .rejected(let cause) in try await store.insert(placeholders) {
            throw .failed("a placeholder was refused: \(cause)")
        }
        return rejected
    }

    private func tellFailed(_ message: Message, token: String) async throws(StoreError) {
        do throws(RoomLogError) {
            try await log.fail(message, code: .rejected, token: token)
        } catch {
            throw .unavailable("the room log did not take a failure: \(error)")
        }
    }
}

extension ClaimedEntry {
    fileprivate var isUnreadable: Bool {
        if case .unreadable = event { true } else { false }
    }
}
