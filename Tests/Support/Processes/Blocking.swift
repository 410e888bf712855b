import Foundation

/// Runs a body that blocks on a thread of its own: Swift's own threads are as few as the cores, and other tests wait for
/// them.
public func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
