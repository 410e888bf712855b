import Domain

extension Refusal {
    /// What a client is told when a store could not do what was asked.
    public init(_ error: StoreError) {
        switch error {
        case .unavailable: self.init(.storeUnavailable, "a store is out of reach; try again in a moment")
        case .failed: self.init(.internalError, "a store refused the request; it has been logged")
        }
    }
}

/// Asks a store, and says its failure as clients are told it.
func answer<Value: Sendable>(
    _ ask: () async throws(StoreError) -> Value
) async throws(Refusal) -> Value {
    do throws(StoreError) {
        return try await ask()
    } catch {
        throw Refusal(error)
    }
}
