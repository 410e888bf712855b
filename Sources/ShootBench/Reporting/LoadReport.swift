/// A load run's result as text.
struct LoadReport {
    let result: LoadResult

    /// A table for people.
    var table: String {
        var rows: [(String, String)] = [
            ("connections", "\(result.connections)"),
            ("messages", "\(result.sent) sent, \(Self.number(result.messagesPerSecond))/s"),
            ("deliveries", "\(result.delivered), \(Self.number(result.deliveriesPerSecond))/s"),
            ("lost / doubled / out of order", "\(result.lost) / \(result.duplicates) / \(result.outOfOrder)"),
            ("rooms seen in different orders", "\(result.disagreeingRooms)"),
            ("latency of a delivery", Self.latencies(result.latency)),
        ]
        for (step, latencies) in result.status.sorted(by: { $0.value.quantile(0.5) < $1.value.quantile(0.5) }) {
            rows.append(("SEND to \(step)", Self.latencies(latencies)))
        }
        rows.append(("CPU of the load tool", Self.core(result.clientNanoseconds, result.seconds)))
        for (index, used) in result.serverNanoseconds.enumerated() {
            rows.append(("CPU of server \(index + 1)", Self.core(used, result.seconds)))
        }
        if !result.serverNanoseconds.isEmpty {
            let each = Self.number(result.serverNanosecondsPerDelivery)
            rows.append(("CPU of the servers a delivery", "\(each) ns"))
        }
        let width = rows.map(\.0.count).max() ?? 0
        var text = rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
        if result.failed > 0 {
            text += "\(result.failed) messages were told to have failed\n"
        }
        if let reason = result.firstReason {
            text += "\(result.ended) connections were ended by the server, the first: \(reason)\n"
        }
        if result.isClientBound {
            text += "The load tool was itself too slow for this: take the figures as a lower bound.\n"
        }
        if result.steal > 0.02 {
            text += "The host took away \(Self.number(result.steal * 100)) % of the CPU time: run it again.\n"
        }
        return text
    }

    /// One line for programs.
    var json: String {
        var parts = [
            "\"connections\":\(result.connections)", "\"sent\":\(result.sent)", "\"delivered\":\(result.delivered)",
            "\"lost\":\(result.lost)", "\"duplicates\":\(result.duplicates)", "\"outOfOrder\":\(result.outOfOrder)",
            "\"disagreeingRooms\":\(result.disagreeingRooms)", "\"failed\":\(result.failed)",
            "\"ended\":\(result.ended)", "\"messagesPerSecond\":\(result.messagesPerSecond)",
            "\"deliveriesPerSecond\":\(result.deliveriesPerSecond)", "\"latency\":\(Self.json(result.latency))",
            "\"clientCPU\":\(Double(result.clientNanoseconds) / 1e9 / result.seconds)",
            "\"serverCPU\":\(result.serverNanoseconds.map { Double($0) / 1e9 / result.seconds })",
            "\"serverNanosecondsPerDelivery\":\(result.serverNanosecondsPerDelivery)",
            "\"clientBound\":\(result.isClientBound)", "\"steal\":\(result.steal)",
        ]
        let steps = result.status.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(Self.json($0.value))" }
        parts.append("\"status\":{\(steps.joined(separator: ","))}")
        return "{\(parts.joined(separator: ","))}\n"
    }

    static func latencies(_ histogram: LatencyHistogram) -> String {
        guard histogram.count > 0 else { return "none" }
        let points = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]
            .map { "\($0.0) \(duration(histogram.quantile($0.1)))" }
        return (points + ["max \(duration(histogram.max))"]).joined(separator: ", ")
    }

    /// A duration in the unit that suits it.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1_000_000: "\(number(Double(nanoseconds) / 1e3)) us"
        case ..<1_000_000_000: "\(number(Double(nanoseconds) / 1e6)) ms"
        default: "\(number(Double(nanoseconds) / 1e9)) s"
        }
    }

    /// Three digits that matter, thousands apart.
    static func number(_ value: Double) -> String {
        if value < 9.995 { return "\((value * 100).rounded() / 100)" }
        if value < 99.95 { return "\((value * 10).rounded() / 10)" }
        return count(Int(value.rounded()))
    }

    /// A whole number, thousands apart.
    static func count(_ value: Int) -> String {
        var digits = "\(value)"
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
            place -= 3
        }
        return digits
    }

    private static func core(_ nanoseconds: UInt64, _ seconds: Double) -> String {
        "\(number(Double(nanoseconds) / 1e7 / seconds)) % of a core"
    }

    private static func json(_ histogram: LatencyHistogram) -> String {
        let points = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
            .map { "\"\($0.0)\":\(histogram.quantile($0.1))" }
        return "{\"count\":\(histogram.count),\(points.joined(separator: ",")),\"max\":\(histogram.max)}"
    }
}
