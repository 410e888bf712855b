import CMongoC
import CMongoShim

/// A connection of the pool, borrowed for one piece of work. All its calls may block.
struct MongoClient: ~Copyable {
    private let client: OpaquePointer
    private let pool: ClientPoolHandle
    private let database: String

    /// Holds a client that was taken out of `pool`.
    init(_ client: OpaquePointer, of pool: ClientPoolHandle, database: String) {
        self.client = client
        self.pool = pool
        self.database = database
    }

    deinit {
        pool.giveBack(client)
    }

    /// A collection of the database.
    func collection(_ name: CollectionName) -> MongoCollection {
        MongoCollection(client: client, database: database, name: name, sessionID: nil)
    }

    /// Runs a command on the primary as it is, without the concerns of the pool, and answers with its reply.
    func run(_ command: BSONDocument) throws(MongoError) -> BSONDocument {
        try MongoReply.of { reply, error in
            command.lend { shim_command(client, database, $0, &reply, &error) }
        }
    }

    /// Does `body` as one transaction: all of it or nothing.
    ///
    /// It is tried again where it met another transaction or an election, for at most
    /// `MongoLimits.transactionMilliseconds`; `body` may so run several times.
    func transaction<Value>(
        _ body: (borrowing MongoTransaction) throws(MongoError) -> Value
    ) throws(MongoError) -> Value {
        let session = try MongoSession(client: client, database: database)
        return try session.transaction(body)
    }
}
