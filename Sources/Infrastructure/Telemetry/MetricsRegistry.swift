import Bytes
import Synchronization

/// Everything a process counts, by name, and its text for Prometheus (text exposition format 0.0.4).
///
/// Metrics are registered once at start; the hot path touches only the objects that registering gave out.
public final class MetricsRegistry: Sendable {
    private enum Metric: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
    }

    private struct Family: Sendable {
        let name: String
        let help: String
        let type: String
        var members: [(label: String, metric: Metric)]
    }

    private let families = Mutex<[Family]>([])

    /// A registry with nothing in it.
    public init() {}

    /// A counter; `label` is a `name="value"` pair where several counters share a name.
    public func counter(_ name: String, _ help: String, label: String = "") -> Counter {
        let counter = Counter()
        add(.counter(counter), name, help, type: "counter", label: label)
        return counter
    }

    /// A gauge.
    public func gauge(_ name: String, _ help: String, label: String = "") -> Gauge {
        let gauge = Gauge()
        add(.gauge(gauge), name, help, type: "gauge", label: label)
        return gauge
    }

    /// A histogram of durations, exposed in seconds.
    public func histogram(_ name: String, _ help: String, label: String = "") -> Histogram {
        let histogram = Histogram()
        add(.histogram(histogram), name, help, type: "histogram", label: label)
        return histogram
    }

    /// The names of all metrics, for the check that each is documented.
    public var names: [String] { families.withLock { $0.map(\.name) } }

    /// The text that Prometheus scrapes.
    public func exposition() -> [UInt8] {
        var writer = ByteWriter(capacity: 8192)
        for family in families.withLock({ $0 }) {
            writer.append(utf8: "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type)\n")
            for member in family.members {
                write(member.metric, named: family.name, label: member.label, into: &writer)
            }
        }
        return writer.bytes
    }

    private func add(_ metric: Metric, _ name: String, _ help: String, type: String, label: String) {
        families.withLock { families in
            if let index = families.firstIndex(where: { $0.name == name }) {
                families[index].members.append((label, metric))
            } else {
                families.append(Family(name: name, help: help, type: type, members: [(label, metric)]))
            }
        }
    }

    private func write(_ metric: Metric, named name: String, label: String, into writer: inout ByteWriter) {
        let labels = label.isEmpty ? "" : "{\(label)}"
        switch metric {
        case .counter(let counter): writer.append(utf8: "\(name)\(labels) \(counter.value)\n")
        case .gauge(let gauge): writer.append(utf8: "\(name)\(labels) \(gauge.value)\n")
        case .histogram(let histogram):
            let bounds = Histogram.boundsMicroseconds.map { "\(Double($0) / 1_000_000)" } + ["+Inf"]
            let prefix = label.isEmpty ? "" : "\(label),"
            var sum: UInt64 = 0
            for (bound, count) in zip(bounds, histogram.counts) {
                sum += count
                writer.append(utf8: "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(sum)\n")
            }
            writer.append(utf8: "\(name)_sum\(labels) \(Double(histogram.sumMicroseconds) / 1_000_000)\n")
            writer.append(utf8: "\(name)_count\(labels) \(sum)\n")
        }
    }
}
