/// Where in a trace something happens: what a `traceparent` says (W3C Trace Context §3.2).
///
///     00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
///        trace                            span             flags
public struct TraceContext: Hashable, Sendable {
    public let traceID: TraceID
    /// The span that what happens next has as its parent.
    public let spanID: SpanID
    /// Whether who began the trace records it.
    public let isSampled: Bool

    public init(traceID: TraceID, spanID: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads a `traceparent`; nil where it is not valid, upon which a receiver begins a trace of its own (§3.2). One
    /// of a later version may have more behind the flags, which is passed over (§3.2.4).
    public init?(traceparent: Span<UInt8>) {
        let dash = UInt8(ascii: "-")
        let length = TraceContext.length
        guard traceparent.count >= length,
            traceparent[2] == dash, traceparent[35] == dash, traceparent[52] == dash,
            let version = Hexadecimal.lowerCaseWord(traceparent.extracting(0..<2)), version != 0xFF,
            traceparent.count == length || version > 0 && traceparent[length] == dash,
            let traceID = TraceID(hex: traceparent.extracting(3..<35)),
            let spanID = SpanID(hex: traceparent.extracting(36..<52)),
            let flags = Hexadecimal.lowerCaseWord(traceparent.extracting(53..<length))
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & TraceContext.sampledFlag != 0)
    }

    /// The same, out of a string.
    public init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        self.init(traceparent: bytes.span)
    }

    /// The context as a `traceparent` of version 00, in ASCII.
    public var traceparent: [UInt8] { Array("00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")".utf8) }

    /// Bytes of a `traceparent` of version 00.
    private static let length = 55
    /// The one flag that version 00 knows (§3.2.2.5.1).
    private static let sampledFlag: UInt64 = 1
}

/// The id that ties together what one request causes in several processes (W3C Trace Context §3.2.2.3).
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// An id of random bits, which are never all zero.
    public init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = random.next() | 1
    }

    /// The id written as 32 lower-case hexadecimal digits; nil for anything else, and for all zeroes.
    public init?(hex: Span<UInt8>) {
        guard hex.count == 32, let high = Hexadecimal.lowerCaseWord(hex.extracting(0..<16)),
            let low = Hexadecimal.lowerCaseWord(hex.extracting(16..<32)), high | low != 0
        else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.text(of: high) + Hexadecimal.text(of: low) }
}

/// The id of one span of a trace (W3C Trace Context §3.2.2.4).
public struct SpanID: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt64

    /// An id of random bits, which are never all zero.
    public init(using random: inout some RandomNumberGenerator) { bits = random.next() | 1 }

    /// The id written as 16 lower-case hexadecimal digits; nil for anything else, and for all zeroes.
    public init?(hex: Span<UInt8>) {
        guard hex.count == 16, let bits = Hexadecimal.lowerCaseWord(hex), bits != 0 else { return nil }
        self.bits = bits
    }

    /// 16 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.text(of: bits) }
}
