import CMongoC
import Threads

/// The driver's pool of clients.
///
/// It is safe to share: the driver's pool locks itself, and the pointer never changes.
final class ClientPoolHandle: @unchecked Sendable {
    private let pool: OpaquePointer
    private let database: String

    /// Makes a pool that connects when it is first used.
    init(_ uri: borrowing MongoURI) throws(MongoError) {
        var error = bson_error_t()
        guard let pool = uri.withHandle({ mongoc_client_pool_new_with_error($0, &error) }) else {
            throw MongoError(.configuration, code: Int32(truncatingIfNeeded: error.code), error.text)
        }
        // Version 2 tells errors of the server from those of the driver.
        mongoc_client_pool_set_error_api(pool, 2)
        self.pool = pool
        database = uri.database
    }

    deinit {
        mongoc_client_pool_destroy(pool)
    }

    /// Takes a client out of the pool; it goes back when it is dropped. May block until one is free.
    func client() throws(MongoError) -> MongoClient {
        guard let client = mongoc_client_pool_pop(pool) else {
            throw MongoError(.overloaded, "no connection became free in time")
        }
        return MongoClient(client, of: self, database: database)
    }

    /// Takes a client back.
    func giveBack(_ client: OpaquePointer) {
        mongoc_client_pool_push(pool, client)
    }
}

/// Connections to MongoDB and the threads that wait for it.
///
/// ```swift
/// let mongo = try MongoClientPool(MongoConfiguration(uri: "mongodb://127.0.0.1:27017/shoot?replicaSet=rs0"))
/// try await MongoSchema.migrate(mongo)
/// let rooms = MongoRoomStore(mongo)
/// await mongo.shutdown()
/// ```
/// libmongoc blocks, so every call runs on one of the pool's own threads while its caller is suspended.
public final class MongoClientPool: Sendable {
    private let handle: ClientPoolHandle
    private let threads: BlockingPool

    /// Makes the pool; it connects when it is first used.
    ///
    /// - Throws: `.configuration` where the connection string is wrong.
    public init(_ configuration: MongoConfiguration) throws(MongoError) {
        handle = try ClientPoolHandle(MongoURI(configuration))
        // Not before: what is wrong with the string is told by the error alone.
        MongoLog.route(to: configuration.logger)
        threads = BlockingPool(name: "mongo", threads: configuration.threads, maxQueued: configuration.maxQueued)
    }

    /// Asks the primary whether it is there; for readiness.
    public func ping() async throws(MongoError) {
        _ = try await run { client throws(MongoError) in
            try client.run(BSONDocument { $0.append("ping", int32: 1) })
        }
    }

    /// Refuses new calls, waits for those accepted and ends the threads.
    public func shutdown() async {
        await threads.shutdown()
    }

    /// Runs `body`, which may block, with a client on one of the threads.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing MongoClient) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        let handle = handle
        let outcome: Result<Value, MongoError>
        do throws(BlockingPoolError) {
            outcome = try await threads.result { () throws(MongoError) in try body(handle.client()) }
        } catch {
            throw MongoError(.overloaded, error.description)
        }
        return try outcome.get()
    }
}
