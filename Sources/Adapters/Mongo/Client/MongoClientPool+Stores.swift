import Application

extension MongoClientPool {
    /// Runs `body` as `run` does and tells faults as the application knows them.
    func store<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing MongoClient) throws(MongoError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(MongoError) {
            return try await run(body)
        } catch {
            throw error.isRetriable ? .unavailable(error.description) : .failed(error.description)
        }
    }
}

/// Reads stored documents; one that is not as this program writes it is a fault of the database.
func decoding<Value>(_ body: () throws(BSONError) -> Value) throws(MongoError) -> Value {
    do throws(BSONError) {
        return try body()
    } catch {
        throw MongoError(error)
    }
}
