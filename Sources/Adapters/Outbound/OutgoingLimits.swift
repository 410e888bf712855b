/// The bounds of this target, each with its unit and its reason.
public enum OutgoingLimits {
    /// Spans that wait to be exported: some 4 MB, and minutes of what a gateway records at the most. Further ones are
    /// dropped and counted.
    static let maxWaitingSpans = 8192
    /// Spans of one export, about 250 KiB of JSON: what collectors take without being asked to.
    static let maxSpansPerExport = 512
    /// How long spans wait for others to fill an export, ms.
    public static let exportMilliseconds: UInt64 = 1000
    /// How long a collector may take to answer, ms.
    static let exportTimeoutMilliseconds = 5000
    /// How long a process that stops goes on exporting what waits, ms.
    static let flushMilliseconds = 3000
    /// Between two looks at whether the export under way is done when the process stops, ms.
    static let flushPollMilliseconds = 10
    /// Bytes of an answer that are read: a collector has little to say, and so have we of one trace.
    public static let maxAnswerBytes = 4 << 20
    /// How long a connection may take to come about, ms.
    static let connectMilliseconds = 3000
    /// Bytes read from a stream at once.
    static let streamReadBytes = 16_384
}
