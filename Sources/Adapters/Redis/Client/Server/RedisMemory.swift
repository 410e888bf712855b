/// How much of its memory a Redis server has in use.
public struct RedisMemory: Equatable, Sendable {
    /// Bytes in use, without what the limit does not count (buffers of replicas and of the append-only file).
    public var usedBytes: UInt64
    /// The limit in bytes; 0: none.
    public var limitBytes: UInt64

    public init(usedBytes: UInt64, limitBytes: UInt64) {
        self.usedBytes = usedBytes
        self.limitBytes = limitBytes
    }

    /// Whether new messages have to be kept out, so that what was accepted can still be worked off.
    public var isShort: Bool {
        limitBytes > 0 && usedBytes >= limitBytes / 100 * RedisLimits.memoryGuardPercent
    }

    /// Reads the reply to `INFO memory`; nil where it names no use.
    init?(info: String) {
        let fields = RedisServerFacts.fields(of: info)
        guard let used = fields["used_memory"].flatMap({ UInt64($0) }) else { return nil }
        let notCounted = fields["mem_not_counted_for_evict"].flatMap { UInt64($0) } ?? 0
        usedBytes = used - min(used, notCounted)
        limitBytes = fields["maxmemory"].flatMap { UInt64($0) } ?? 0
    }
}
