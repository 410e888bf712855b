import Bytes
import Glibc

/// Writes one JSON object a line on standard error.
///
/// It never gets tokens, passwords or the texts of messages: values are ids, numbers, codes and causes.
public struct Logger: Sendable {
    /// How much a line matters.
    public enum Level: String, CaseIterable, Comparable, Sendable {
        case debug, info, warning, error

        /// Order of weight.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    /// A value in a line.
    public enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case string(String)
        case integer(Int64)

        public init(stringLiteral value: String) { self = .string(value) }
        public init(integerLiteral value: Int64) { self = .integer(value) }
    }

    private let level: Level
    private let process: String

    /// A logger that writes lines of at least `level`, each naming the `process`, such as `gateway`.
    public init(level: Level, process: String) {
        self.level = level
        self.process = process
    }

    /// Something for whoever looks for a fault.
    public func debug(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Value> = [:]) {
        write(.debug, event, fields)
    }

    /// Something an operator may want to know.
    public func info(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Value> = [:]) {
        write(.info, event, fields)
    }

    /// Something that heals by itself, but should not happen often.
    public func warning(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Value> = [:]) {
        write(.warning, event, fields)
    }

    /// Something that a person has to see to.
    public func error(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Value> = [:]) {
        write(.error, event, fields)
    }

    private func write(_ level: Level, _ event: StaticString, _ fields: KeyValuePairs<StaticString, Value>) {
        guard level >= self.level else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var line = ByteWriter(capacity: 256)
        line.append("{\"time\":")
        line.append(decimal: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
        line.append(",\"level\":\"")
        line.append(utf8: level.rawValue)
        line.append("\",\"process\":")
        line.append(jsonString: process)
        line.append(",\"event\":\"")
        line.append(event)
        line.append(ASCII.quote)
        for (name, value) in fields {
            line.append(",\"")
            line.append(name)
            line.append("\":")
            switch value {
            case .string(let text): line.append(jsonString: text)
            case .integer(let number): line.append(decimal: number)
            }
        }
        line.append("}\n")
        // One write call a line: lines of several threads and processes do not mix.
        _ = line.bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
