/// What was waited for did not come about.
public struct NeverTrue: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    public var description: String { "\(what): not within \(limit)" }
}

/// Asks again and again for what no message tells of, until there is an answer.
public func eventually<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ what: String, within limit: Duration = .seconds(60), _ ask: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let value = try await ask() { return value }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverTrue(what: what, limit: limit)
}
