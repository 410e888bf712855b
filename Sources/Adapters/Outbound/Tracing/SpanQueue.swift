import Application

/// Spans on their way to a collector: bounded, one export under way at a time. Pure.
struct SpanQueue {
    /// What became of a span that was added.
    enum Admission: Equatable {
        case waits
        /// It waits, and an export can go out now.
        case completesExport
        /// There is no room: the newest goes, for the older ones tell how it began.
        case dropped
    }

    private let maxWaiting: Int
    private let maxPerExport: Int
    private var waiting: [TraceSpan] = []
    private var isExporting = false
    private(set) var isClosed = false

    init(maxWaiting: Int, maxPerExport: Int) {
        self.maxWaiting = maxWaiting
        self.maxPerExport = maxPerExport
    }

    /// Nothing waits and nothing is under way.
    var isIdle: Bool { waiting.isEmpty && !isExporting }

    mutating func add(_ span: TraceSpan) -> Admission {
        guard !isClosed, waiting.count < maxWaiting else { return .dropped }
        waiting.append(span)
        return !isExporting && waiting.count >= maxPerExport ? .completesExport : .waits
    }

    /// Takes what goes out next, as much as waits; nil where nothing does, or an export is under way.
    mutating func take() -> [TraceSpan]? {
        guard !isExporting, !waiting.isEmpty else { return nil }
        isExporting = true
        let export = Array(waiting.prefix(maxPerExport))
        waiting.removeFirst(export.count)
        return export
    }

    /// The export is over, however it went; whether another whole one waits.
    mutating func exported() -> Bool {
        isExporting = false
        return waiting.count >= maxPerExport
    }

    /// Takes nothing more.
    mutating func close() { isClosed = true }

    /// Gives up what waits; how much that was.
    mutating func abandon() -> Int {
        defer { waiting = [] }
        return waiting.count
    }
}
