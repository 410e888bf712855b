import Bytes
import WireProtocols

/// A stage of a trace, as `/debug/traces` tells it or as `shoot trace` itself saw it.
struct TracedStage: Equatable {
    let name: String
    let process: String
    let spanID: String
    let parentID: String?
    /// Microseconds since 1970, by the clock of its process.
    let start: Int64
    let duration: Int64
    var messageID: String?
    var seq: Int64?
    var subscribers: Int64?
    var fault: String?

    /// The stages in an answer of `/debug/traces/{traceId}`; nil where it is none.
    static func stages(inAnswer body: [UInt8]) -> [TracedStage]? {
        guard let answer = try? JSONValue(parsing: body.span), let spans = answer["data"]?["spans"]?.array else {
            return nil
        }
        return spans.compactMap(TracedStage.init)
    }

    private init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let process = json["process"]?.string,
            let spanID = json["spanId"]?.string, let start = json["startMicroseconds"]?.int64,
            let duration = json["durationMicroseconds"]?.int64
        else { return nil }
        self.init(
            name: name, process: "\(process) \(json["processId"]?.string ?? "")", spanID: spanID,
            parentID: json["parentSpanId"]?.string, start: start, duration: duration)
        messageID = json["messageId"]?.string
        seq = json["seq"]?.int64
        subscribers = json["subscribers"]?.int64
        fault = json["fault"]?.string
    }

    init(name: String, process: String, spanID: String, parentID: String?, start: Int64, duration: Int64) {
        self.name = name
        self.process = process
        self.spanID = spanID
        self.parentID = parentID
        self.start = start
        self.duration = duration
    }
}

/// Writes the stages of one trace as a table in which causes stand above what they caused.
enum TraceReport {
    /// The lines, without line feeds.
    static func lines(_ stages: [TracedStage]) -> [String] {
        let rows = ordered(stages)
        let origin = rows.first?.stage.start ?? 0
        let cells = rows.map { row in
            [
                milliseconds(row.stage.start - origin), milliseconds(row.stage.duration),
                String(repeating: "  ", count: row.depth) + row.stage.name, row.stage.process, notes(row.stage),
            ]
        }
        let table = [["offset", "took", "stage", "process", ""]] + cells
        let widths = (0..<5).map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            let line = row.enumerated().map { column, text in
                let gap = String(repeating: " ", count: widths[column] - text.count)
                return column < 2 ? gap + text : text + gap
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Each stage below its cause, in order of time; one whose cause is not there stands on its own.
    private static func ordered(_ stages: [TracedStage]) -> [(stage: TracedStage, depth: Int)] {
        let byTime = stages.sorted { ($0.start, $0.name) < ($1.start, $1.name) }
        let known = Set(stages.map(\.spanID))
        var rows: [(stage: TracedStage, depth: Int)] = []
        var done: Set<String> = []
        func add(_ stage: TracedStage, depth: Int) {
            guard done.insert(stage.spanID).inserted else { return }
            rows.append((stage, depth))
            for child in byTime where child.parentID == stage.spanID {
                add(child, depth: depth + 1)
            }
        }
        for stage in byTime where stage.parentID.map({ !known.contains($0) }) ?? true {
            add(stage, depth: 0)
        }
        return rows
    }

    private static func notes(_ stage: TracedStage) -> String {
        var notes: [String] = []
        if let count = stage.subscribers { notes.append("\(count) subscriber\(count == 1 ? "" : "s")") }
        if let fault = stage.fault { notes.append("failed: \(fault)") }
        return notes.joined(separator: ", ")
    }

    /// Milliseconds with three digits behind the point.
    private static func milliseconds(_ microseconds: Int64) -> String {
        let digits = String(microseconds.magnitude % 1000 + 1000).dropFirst()
        return "\(microseconds < 0 ? "-" : "")\(microseconds.magnitude / 1000).\(digits) ms"
    }
}
