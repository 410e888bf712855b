import WireProtocols

/// How many connections an HTTP server holds, and how long each thing may take on them.
public struct HTTPServerLimits: Sendable {
    /// Connections at once, upgraded ones included; one more gets 503. Below the limit of descriptors, which files and
    /// connections to the stores need as well.
    public var connections = 15_000
    /// Milliseconds that a connection may rest between two requests: a little longer than the 60 s of common proxies,
    /// so that it is the proxy which closes first and no request is lost to a close that crosses it.
    public var idleMilliseconds: UInt64 = 75_000
    /// Milliseconds from the first byte of a request to the end of its head: against clients that trickle (408).
    public var headMilliseconds: UInt64 = 10_000
    /// Milliseconds from the first byte of a request to its last (408).
    public var requestMilliseconds: UInt64 = 30_000
    /// Milliseconds that a handler may take (503): longer than any time-out of the stores that it waits for.
    public var handlerMilliseconds: UInt64 = 20_000
    /// Bytes of answers that may wait for a client before its next request is looked at: who sends requests and reads no
    /// answers is not to fill the memory.
    public var unreadAnswerBytes = 128 * 1024
    /// How large requests may be.
    public var requests = HTTPLimits()

    /// Milliseconds between two looks at the connections' time-outs: each is met to this precision.
    static let tickMilliseconds: UInt64 = 1000
    /// Seconds that a browser may remember what a preflight told it.
    static let preflightSeconds = 600
    /// Addresses of an X-Forwarded-For that are looked at: a chain of proxies is short, what is longer is made up.
    static let forwardedAddresses = 16

    /// The defaults.
    public init() {}
}
