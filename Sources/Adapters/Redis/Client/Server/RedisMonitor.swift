import Synchronization
import WireProtocols

/// Watches a Redis server: its memory once a second, and what it says of itself again each time it has been away.
public final class RedisMonitor: Sendable {
    private let client: RedisClient
    private let learned: @Sendable (RedisServerFacts) -> Void
    private let known = Mutex<(facts: RedisServerFacts?, memory: RedisMemory?)>((nil, nil))
    private let short = Atomic<Bool>(false)

    /// - Parameters:
    ///   - client: a connection that carries no messages.
    ///   - learned: called with what the server says of itself, whenever it was asked.
    public init(client: RedisClient, learned: @escaping @Sendable (RedisServerFacts) -> Void) {
        self.client = client
        self.learned = learned
    }

    /// What the server said of itself when it was asked last; nil: it was never reached.
    public var facts: RedisServerFacts? { known.withLock { $0.facts } }

    /// Its memory, at most a second old; nil while it does not answer.
    public var memory: RedisMemory? { known.withLock { $0.memory } }

    /// Whether only repeats of messages are to be answered, because memory is short. While the server does not answer it
    /// stays as it was.
    public var isMemoryShort: Bool { short.load(ordering: .relaxed) }

    /// Asks the server; what it says of itself only where it has not answered the time before.
    public func look() async {
        do throws(RedisError) {
            let isBack = known.withLock { $0.memory == nil }
            if isBack {
                let facts = try await RedisServerFacts.read(from: client)
                known.withLock { $0.facts = facts }
                learned(facts)
            }
            let info = try await client.command("INFO", "memory", whenDown: .fail).text
            let memory = info.flatMap { RedisMemory(info: $0) }
            known.withLock { $0.memory = memory }
            if let memory {
                short.store(memory.isShort, ordering: .relaxed)
            }
        } catch {
            known.withLock { $0.memory = nil }
        }
    }
}
