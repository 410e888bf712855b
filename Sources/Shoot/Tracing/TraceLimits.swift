/// The bounds of `shoot trace`.
enum TraceLimits {
    /// How long each step of it may take, ms: normally some milliseconds.
    static let stepMilliseconds = 10_000
    /// How long the last span is waited for, ms: a persister that is busy takes its time.
    static let collectMilliseconds = 10_000
    /// Between two questions for spans, ms.
    static let pollMilliseconds = 100
    /// Bytes of one frame that a gateway sends; its own limit is below that.
    static let maxFrameBytes = 1 << 20
    /// Bytes of the head that answers the handshake.
    static let maxHeadBytes = 16_384
    /// Bytes of a file with a token.
    static let maxTokenBytes = 16_384
}

/// Why `shoot trace` came to no result, in one line.
struct TraceFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        // What a server says goes on one line too.
        self.description = String(description.map { $0.isNewline ? " " : $0 })
    }
}
