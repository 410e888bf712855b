import Application
import Bytes
import Domain
import EventLoop
import Synchronization
import WireProtocols

/// Reading claimed rooms, and making round trips for many of them at once.
extension RedisPersistLog {
    /// What each room has: first what an earlier claim read and did not finish, then what is new.
    ///
    /// All workers read under one consumer's name: the lock says whose turn it is, and what the last one left pending is
    /// then simply the first thing that the next one reads.
    func read(_ rooms: [RoomID], token: String) async throws(RoomLogError) -> Claim {
        let (keys, count) = (self.keys, UInt64(entriesPerRoom(ofRooms: rooms.count)))
        let results = await results(rooms) { connection, room, done in
            connection.eval(RoomScripts.take, keys: 4, arguments: 4) { writer in
                for key in [RoomKeys.RoomKey.lock, .log, .tries, .state] {
                    writer.bulk(key, of: room, keys)
                }
                writer.bulk(utf8: token)
                writer.bulk(RoomKeys.persisterGroup)
                writer.bulk(RoomKeys.persisterConsumer)
                writer.bulk(decimal: count)
            } completion: { result in
                done(result.map { $0.count == 3 ? RedisPersistLog.claimed($0, room) : nil })
            }
        }
        var claim = Claim()
        for (room, result) in zip(rooms, results) {
            switch result {
            case .success(let claimed?): claim.rooms.append(claimed)
            case .success(nil): break
            case .failure(let error) where error.isOfOneRoom: claim.unreadable.append(room)
            case .failure(let error): throw error
            }
        }
        return claim
    }

    private func entriesPerRoom(ofRooms count: Int) -> Int {
        min(options.entriesPerRoom, max(options.minEntriesPerRoom, options.entriesPerClaim / max(count, 1)))
    }

    private static func claimed(_ reply: RESPReply, _ room: RoomID) -> ClaimedRoom {
        let (entries, failures) = (reply[0], reply[1])
        var tries: [Position: [FailedTry]] = [:]
        for index in stride(from: 0, to: failures.count - 1, by: 2) {
            // The marks beside them are no positions.
            if let position = failures[index].withBytes({ Position($0) }) {
                tries[position] = RedisPersistLog.tries(failures[index + 1])
            }
        }
        return ClaimedRoom(
            id: room,
            entries: (0..<entries.count).compactMap { index in
                LogEntryDecoder.entry(entries[index]).map { ClaimedEntry($0, of: room, entries[index]) }
            },
            tries: tries, isSuspect: reply[2].integer == 1)
    }

    /// Starts one call for each item on the connection's loop, in order, and waits for all answers.
    func results<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ start:
            @escaping @Sendable (
                RedisConnection, Item, @escaping (Result<Answer, RedisError>) -> Void
            ) -> Void
    ) async -> [Result<Answer, RoomLogError>] {
        guard !items.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let gathered = GatheredAnswers<Answer>(count: items.count) { continuation.resume(returning: $0) }
            connection.loop.execute { [connection] in
                for (index, item) in items.enumerated() {
                    start(connection.value, item) { gathered.set(index, $0) }
                }
            }
        }
    }

    /// As `results`, for calls of which none may fail.
    func all<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ start:
            @escaping @Sendable (
                RedisConnection, Item, @escaping (Result<Answer, RedisError>) -> Void
            ) -> Void
    ) async throws(RoomLogError) -> [Answer] {
        var answers: [Answer] = []
        for result in await results(items, start) {
            answers.append(try result.get())
        }
        return answers
    }
}

extension RoomLogError {
    /// Whether it is about the room that was asked for, and not about Redis: other rooms can go on.
    var isOfOneRoom: Bool {
        switch self {
        case .cold, .stale, .noGroup, .failed: true
        case .unavailable, .outcomeUnknown: false
        }
    }
}

/// The answers of several calls, handed over when the last is there, or when the loop that would have brought them is
/// gone.
private final class GatheredAnswers<Answer: Sendable>: Sendable {
    private struct State {
        var results: [Result<Answer, RoomLogError>]
        var missing: Int
    }

    private let state: Mutex<State>
    private let done: @Sendable ([Result<Answer, RoomLogError>]) -> Void

    init(count: Int, done: @escaping @Sendable ([Result<Answer, RoomLogError>]) -> Void) {
        state = Mutex(State(results: Array(repeating: .failure(.unavailable), count: count), missing: count))
        self.done = done
    }

    func set(_ index: Int, _ result: Result<Answer, RedisError>) {
        let results: [Result<Answer, RoomLogError>]? = state.withLock { state in
            state.results[index] = result.mapError { RoomLogError($0) }
            state.missing -= 1
            return state.missing == 0 ? state.results : nil
        }
        if let results {
            done(results)
        }
    }

    deinit {
        let (results, missing) = state.withLock { ($0.results, $0.missing) }
        if missing > 0 {
            done(results)
        }
    }
}
