/// What a load run came to. Counts are of the whole run, rates and latencies of its measured part.
struct LoadResult {
    var connections = 0
    var seconds = 0.0
    var sent: UInt64 = 0
    var delivered: UInt64 = 0
    var lost: UInt64 = 0
    var duplicates: UInt64 = 0
    var outOfOrder: UInt64 = 0
    var disagreeingRooms = 0
    /// Messages whose sender was told that they failed.
    var failed: UInt64 = 0
    /// Connections that the server ended, with the first reason.
    var ended = 0
    var firstReason: String?
    /// Messages that were published, and deliveries that came, in the measured part.
    var messagesMeasured: UInt64 = 0
    var deliveriesMeasured: UInt64 = 0
    /// Bytes that came in the measured part.
    var bytesMeasured: UInt64 = 0
    var latency = LatencyHistogram()
    /// From SEND to each step that the status topic tells.
    var status: [String: LatencyHistogram] = [:]
    /// CPU time in the measured part, ns.
    var clientNanoseconds: UInt64 = 0
    var serverNanoseconds: [UInt64] = []
    /// What each stage of the plan took in the measured part.
    var stages: [(stage: LoadPlan.Stage, times: ProcessTimes)] = []
    /// When publishing ended, on the monotonic clock, ns.
    var publishedUntil: UInt64 = 0
    /// How long after that everything was stored, ns; nil where nobody looked.
    var storedAfter: UInt64?
    /// How far publishing fell behind its own schedule at the most, ns: a load tool that can't keep up says so.
    var worstLag: UInt64 = 0
    /// The part of the machine's CPU time that the host took away.
    var steal = 0.0

    var messagesPerSecond: Double { Double(messagesMeasured) / seconds }
    var deliveriesPerSecond: Double { Double(deliveriesMeasured) / seconds }
    /// CPU time of all servers for one delivery, ns.
    var serverNanosecondsPerDelivery: Double {
        Double(serverNanoseconds.reduce(0, +)) / Double(max(deliveriesMeasured, 1))
    }

    /// Whether every subscriber got every message once and in order.
    var isComplete: Bool { lost == 0 && duplicates == 0 && outOfOrder == 0 && disagreeingRooms == 0 && ended == 0 }

    /// Whether the load tool was itself too slow for what it was to measure: a core used up, or its schedule missed.
    var isClientBound: Bool {
        Double(clientNanoseconds) > seconds * 0.9e9 || (worstLag > 100_000_000 && messagesMeasured > 0)
    }
}
