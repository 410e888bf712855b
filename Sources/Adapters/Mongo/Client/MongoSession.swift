import CMongoC
import CMongoShim
import Glibc

/// What may be done within a transaction.
struct MongoTransaction: ~Copyable {
    fileprivate let client: OpaquePointer
    fileprivate let database: String
    fileprivate let sessionID: Int64

    /// A collection whose calls belong to the transaction.
    func collection(_ name: CollectionName) -> MongoCollection {
        MongoCollection(client: client, database: database, name: name, sessionID: sessionID)
    }
}

/// A session with the server, which transactions need; it ends when this does.
struct MongoSession: ~Copyable {
    private let session: OpaquePointer
    private let transaction: MongoTransaction

    /// Starts a session.
    init(client: OpaquePointer, database: String) throws(MongoError) {
        var error = bson_error_t()
        guard let session = mongoc_client_start_session(client, nil, &error) else {
            throw MongoError(error, reply: nil)
        }
        var id: Int64 = 0
        guard shim_session_id(session, &id, &error) else {
            mongoc_client_session_destroy(session)
            throw MongoError(error, reply: nil)
        }
        self.session = session
        transaction = MongoTransaction(client: client, database: database, sessionID: id)
    }

    deinit {
        mongoc_client_session_destroy(session)
    }

    /// Does `body` as one transaction; see `MongoClient.transaction`.
    func transaction<Value>(
        _ body: (borrowing MongoTransaction) throws(MongoError) -> Value
    ) throws(MongoError) -> Value {
        let deadline = Self.now() + MongoLimits.transactionMilliseconds
        var pause: UInt64 = 1
        while true {
            do throws(MongoError) {
                return try attempt(body, deadline: deadline)
            } catch {
                guard error.labels.contains("TransientTransactionError"), Self.now() + pause < deadline else {
                    throw error
                }
            }
            // A conflict is told at once, while the other one still waits for its journal: without a pause all tries
            // would be used up before it is done.
            usleep(UInt32(pause * 1000))
            pause = min(pause * 2, MongoLimits.transactionPauseMilliseconds)
        }
    }

    private func attempt<Value>(
        _ body: (borrowing MongoTransaction) throws(MongoError) -> Value, deadline: UInt64
    ) throws(MongoError) -> Value {
        var error = bson_error_t()
        guard mongoc_client_session_start_transaction(session, nil, &error) else {
            throw MongoError(error, reply: nil)
        }
        let value: Value
        do throws(MongoError) {
            value = try body(transaction)
        } catch let failure {
            mongoc_client_session_abort_transaction(session, &error)
            throw failure
        }
        while true {
            do throws(MongoError) {
                _ = try MongoReply.of { shim_session_commit(session, &$0, &$1) }
                return value
            } catch {
                guard error.labels.contains("UnknownTransactionCommitResult"), Self.now() < deadline else {
                    throw error
                }
            }
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
