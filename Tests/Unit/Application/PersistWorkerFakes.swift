import Application
import Domain
import Synchronization

/// A log and a store that note the calls that a worker makes.
extension PersistWorkerTests {
    final class Log: PersistLog {
        let rooms: [ClaimedRoom]
        let unreadable: [RoomID]
        let lost: Set<RoomID>
        /// Whether `finish` gets no answer.
        let isCutOff: Bool
        let finished = Mutex<[FinishedRoom]>([])
        let finishes = Mutex(0)
        let tries = Mutex<[EntryID: [FailedTry]]>([:])
        let buried = Mutex<[DeadLetter]>([])
        let repeated = Mutex<[MessageID]>([])

        init(
            _ rooms: [ClaimedRoom], unreadable: [RoomID] = [], lost: Set<RoomID> = [], isCutOff: Bool = false
        ) {
            self.isCutOff = isCutOff
            self.rooms = rooms
            self.unreadable = unreadable
            self.lost = lost
        }

        var shards: Int { 1 }
        func claim(shards: [Int], token: String) async throws(RoomLogError) -> Claim {
            Claim(rooms: rooms, unreadable: unreadable)
        }
        func announceProcessing(_ rooms: [(id: RoomID, upTo: Position)]) {}
        func shard(of room: RoomID) -> Int { 7 }
        func count(_ failures: [FailedEntry], token: String) async throws(RoomLogError) -> [[FailedTry]?] {
            failures.map { failure in
                if lost.contains(failure.id.roomID) { return nil }
                return tries.withLock { tries in
                    let failed = FailedTry(at: Timestamp(milliseconds: 5), cause: failure.cause)
                    tries[failure.id, default: []].append(failed)
                    return tries[failure.id]
                }
            }
        }
        func bury(_ letters: [DeadLetter], code: ErrorCode, token: String) async throws(RoomLogError) {
            buried.withLock { $0 += letters }
        }
        func tellRepeat(_ message: Message, of first: MessageID, token: String) async throws(RoomLogError) {
            repeated.withLock { $0.append(message.id) }
        }
        func finish(_ rooms: [FinishedRoom], token: String) async throws(RoomLogError) -> [RoomID] {
            finishes.withLock { $0 += 1 }
            if isCutOff { throw .outcomeUnknown }
            finished.withLock { $0 += rooms }
            return rooms.map(\.id).filter(lost.contains)
        }
    }

    final class Store: MessageStore, DeadLetterStore {
        let rejected: Set<MessageID>
        let repeated: Set<MessageID>
        /// A batch with anything of this room fails.
        let faulty: RoomID?
        let isAway: Bool
        let transactions = Mutex(0)
        let inserted = Mutex<[Message]>([])
        let kept = Mutex<[DeadLetter]>([])
        let advanced = Mutex<[RoomProgress]>([])

        init(
            rejected: Set<MessageID> = [], repeated: Set<MessageID> = [], faulty: RoomID? = nil, isAway: Bool = false
        ) {
            self.rejected = rejected
            self.repeated = repeated
            self.faulty = faulty
            self.isAway = isAway
        }

        func insert(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome] {
            if isAway { throw .unavailable("away") }
            if messages.contains(where: { $0.roomID == faulty }) { throw .failed("faulty") }
            inserted.withLock { $0 += messages }
            return messages.map { message in
                if repeated.contains(message.id) { return .duplicate(of: message.id) }
                return rejected.contains(message.id) && !message.isDeleted ? .rejected("poison") : .stored
            }
        }
        func change(_ messages: [Message]) async throws(StoreError) -> [StoreOutcome] {
            messages.map { rejected.contains($0.id) ? .rejected("poison") : .stored }
        }
        func storeAtOnce(
            _ messages: [Message], advancing rooms: [RoomProgress]
        ) async throws(StoreError) -> Bool {
            transactions.withLock { $0 += 1 }
            let odd = rejected.union(repeated)
            let written = messages + rooms.flatMap(\.changes)
            guard faulty == nil, !written.contains(where: { odd.contains($0.id) }) else { return false }
            _ = try await insert(messages)
            try await advance(rooms)
            return true
        }
        func keep(_ letters: [DeadLetter]) async throws(StoreError) { kept.withLock { $0 += letters } }
        func advance(_ rooms: [RoomProgress]) async throws(StoreError) { advanced.withLock { $0 += rooms } }
    }
}
