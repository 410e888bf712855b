import Application
import Mongo

/// `shoot dlq`: shows dead letters, stores them after all, or drops them.
enum DeadLetterCommand {
    /// Runs it and says what came of it.
    /// - Throws: `Command.UsageError` for an id that is unknown; `DeadLetterFailure` where it can't be done.
    static func run(_ options: DeadLetterOptions, _ configuration: Configuration) async throws {
        let stores = try Stores(configuration, process: "dlq", logger: configuration.logger("dlq"))
        do {
            try await perform(options, MongoDeadLetterStore(stores.mongo))
        } catch {
            await stores.shutdown()
            throw error
        }
        await stores.shutdown()
    }

    private static func perform(_ options: DeadLetterOptions, _ store: MongoDeadLetterStore) async throws {
        switch options.action {
        case .list(let all, let limit, let after):
            let last = try await known(after, store)
            let letters = try await asking { () throws(StoreError) in
                try await store.page(in: all ? nil : .dead, after: last, limit: limit)
            }
            let next = letters.count == limit ? letters.last?.letter.id : nil
            say(options.asJSON ? DeadLetterJSON.page(letters, next: next) : DeadLetterText.page(letters, next: next))
        case .show(let id):
            guard let letter = try await known(id, store) else { throw unknown(id) }
            say(options.asJSON ? DeadLetterJSON.letter(letter, isWhole: true) : DeadLetterText.letter(letter))
        case .replay(let id):
            let settlement = try await asking { () throws(StoreError) in
                try await store.replay(id, at: wallClock())
            }
            try tell(settlement, id, "replayed", asJSON: options.asJSON)
        case .drop(let id):
            let settlement = try await asking { () throws(StoreError) in try await store.drop(id, at: wallClock()) }
            try tell(settlement, id, "dropped", asJSON: options.asJSON)
        }
    }

    private static func known(_ id: EntryID?, _ store: MongoDeadLetterStore) async throws -> KeptDeadLetter? {
        guard let id else { return nil }
        guard let letter = try await asking({ () throws(StoreError) in try await store.letter(id) }) else {
            throw unknown(id)
        }
        return letter
    }

    private static func unknown(_ id: EntryID) -> Command.UsageError {
        Command.UsageError(line: "dlq: there is no dead letter \(id)")
    }

    private static func tell(
        _ settlement: DeadLetterSettlement, _ id: EntryID, _ done: String, asJSON: Bool
    ) throws {
        switch settlement {
        case .done(let letter): say(asJSON ? DeadLetterJSON.letter(letter, isWhole: false) : "\(id) is \(done)")
        case .unknown: throw unknown(id)
        case .refused(let reason): throw DeadLetterFailure("dlq: \(id) is not \(done): \(reason)")
        }
    }

    private static func asking<Answer>(_ body: () async throws(StoreError) -> Answer) async throws -> Answer {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw DeadLetterFailure("dlq: \(error.cause)")
        }
    }
}

/// Why `shoot dlq` did not do what it was asked, in one line.
struct DeadLetterFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
