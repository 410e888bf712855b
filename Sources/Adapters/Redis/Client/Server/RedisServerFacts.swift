import WireProtocols

/// What a Redis server says of itself that matters to keeping what was accepted.
public struct RedisServerFacts: Equatable, Sendable {
    /// The version's numbers: `[7, 0, 15]`.
    public var version: [Int]
    /// The id that the server gave itself when it started: another one after each restart.
    public var runID: String
    /// `master` or `slave`.
    public var role: String
    /// What happens at the limit of memory, as `noeviction`; nil: unknown.
    public var maxmemoryPolicy: String?
    /// The limit of memory in bytes; 0: none.
    public var maxmemoryBytes: UInt64
    /// Whether writes go to the append-only file.
    public var appendOnly: Bool
    /// `always`, `everysec` or `no`; nil: unknown, because the server does not let its configuration be read.
    public var appendFsync: String?

    /// Something about a server that makes it unfit, or less safe than wished.
    public enum Shortcoming: Equatable, Sendable {
        /// Sharded publish and subscribe came with Redis 7.
        case versionBelow7
        /// It is a replica: it takes no writes.
        case replica
        /// It throws keys away when memory is short: accepted messages could vanish.
        case evicts(policy: String)
        /// It keeps nothing across a restart.
        case notPersistent
        /// It may lose the last writes when it is killed.
        case fsyncNotAlways(mode: String?)
    }

    /// What is wrong with the server, the gravest first; with `durable`, also what may lose acknowledged writes.
    public func shortcomings(durable: Bool) -> [Shortcoming] {
        var found: [Shortcoming] = []
        if (version.first ?? 0) < 7 {
            found.append(.versionBelow7)
        }
        if role != "master" {
            found.append(.replica)
        }
        if let maxmemoryPolicy, maxmemoryPolicy != "noeviction" {
            found.append(.evicts(policy: maxmemoryPolicy))
        }
        if durable {
            if !appendOnly {
                found.append(.notPersistent)
            } else if appendFsync != "always" {
                found.append(.fsyncNotAlways(mode: appendFsync))
            }
        }
        return found
    }

    /// Asks the server. What `CONFIG` alone would tell stays unknown where it is forbidden, as managed servers do.
    ///
    /// - Throws: `RedisError` where `INFO` cannot be had or lacks what each server tells.
    public static func read(from client: RedisClient) async throws(RedisError) -> RedisServerFacts {
        guard let info = try await client.command("INFO").text, var facts = RedisServerFacts(info: info) else {
            throw RedisError(.protocolViolation, "INFO names neither a version nor a run id")
        }
        do throws(RedisError) {
            let pair = try await client.command("CONFIG", "GET", "appendfsync").elements
            facts.appendFsync = pair?.last?.text
        } catch {
            guard case .server = error.code else { throw error }
        }
        return facts
    }

    /// Reads the reply to `INFO`; nil where it names no version or run id.
    init?(info: String) {
        let fields = Self.fields(of: info)
        guard let version = fields["redis_version"], let runID = fields["run_id"] else { return nil }
        self.version = version.split(separator: ".").compactMap { Int($0) }
        self.runID = String(runID)
        role = fields["role"].map(String.init) ?? "master"
        maxmemoryPolicy = fields["maxmemory_policy"].map(String.init)
        maxmemoryBytes = fields["maxmemory"].flatMap { UInt64($0) } ?? 0
        appendOnly = fields["aof_enabled"] == "1"
    }

    /// The lines `name:value` of a reply to `INFO`.
    static func fields(of info: String) -> [Substring: Substring] {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        return fields
    }
}
