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
    func read(_ rooms: [RoomID]) async throws(RoomLogError) -> [ClaimedRoom] {
        let pending = try await readGroup(rooms, from: "0")
        let fresh = try await readGroup(rooms, from: ">")
        return rooms.enumerated().map { index, room in
            let isCut = pending[index].count >= options.entriesPerRoom
            // Where more is pending than one reading takes, what is new is not next in order yet.
            return ClaimedRoom(id: room, entries: isCut ? pending[index] : pending[index] + fresh[index])
        }
    }

    private func readGroup(_ rooms: [RoomID], from start: StaticString) async throws(RoomLogError) -> [[ClaimedEntry]] {
        let (keys, limit) = (self.keys, UInt64(options.entriesPerRoom))
        return try await all(rooms) { connection, room, done in
            connection.send { writer in
                writer.command(9)
                writer.bulk("XREADGROUP")
                writer.bulk("GROUP")
                writer.bulk(RoomKeys.persisterGroup)
                writer.bulk(RoomKeys.persisterConsumer)
                writer.bulk("COUNT")
                writer.bulk(decimal: limit)
                writer.bulk("STREAMS")
                writer.bulk(.log, of: room, keys)
                writer.bulk(start)
            } completion: { result in
                done(result.map { $0.count == 1 ? RedisPersistLog.entries($0[0][1], of: room) : [] })
            }
        }
    }

    private static func entries(_ reply: RESPReply, of room: RoomID) -> [ClaimedEntry] {
        (0..<reply.count).compactMap { index in
            LogEntryDecoder.entry(reply[index]).map { ClaimedEntry($0, of: room) }
        }
    }

    /// Starts one call for each item on the connection's loop, in order, and waits for all answers.
    func all<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ start:
            @escaping @Sendable (
                RedisConnection, Item, @escaping (Result<Answer, RedisError>) -> Void
            ) -> Void
    ) async throws(RoomLogError) -> [Answer] {
        guard !items.isEmpty else { return [] }
        let result: Result<[Answer], RoomLogError> = await withCheckedContinuation { continuation in
            let gathered = GatheredAnswers<Answer>(count: items.count) { continuation.resume(returning: $0) }
            connection.loop.execute { [connection] in
                for (index, item) in items.enumerated() {
                    start(connection.value, item) { gathered.set(index, $0) }
                }
            }
        }
        return try result.get()
    }
}

/// The answers of several calls, handed over when the last is there, or when the loop that would have brought them is
/// gone.
private final class GatheredAnswers<Answer: Sendable>: Sendable {
    private struct State {
        var answers: [Answer?]
        var missing: Int
        var error: RedisError?
        var isDone = false
    }

    private let state: Mutex<State>
    private let done: @Sendable (Result<[Answer], RoomLogError>) -> Void

    init(count: Int, done: @escaping @Sendable (Result<[Answer], RoomLogError>) -> Void) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), missing: count))
        self.done = done
    }

    func set(_ index: Int, _ result: Result<Answer, RedisError>) {
        let outcome: Result<[Answer], RoomLogError>? = state.withLock { state in
            switch result {
            case .success(let answer): state.answers[index] = answer
            case .failure(let error): state.error = state.error ?? error
            }
            state.missing -= 1
            guard state.missing == 0, !state.isDone else { return nil }
            state.isDone = true
            return state.error.map { .failure(RoomLogError($0)) } ?? .success(state.answers.compactMap { $0 })
        }
        if let outcome {
            done(outcome)
        }
    }

    deinit {
        let isDone = state.withLock { $0.isDone }
        if !isDone {
            done(.failure(.unavailable))
        }
    }
}
