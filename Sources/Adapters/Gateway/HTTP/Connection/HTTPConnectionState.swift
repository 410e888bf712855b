import WireProtocols

/// The life of one HTTP connection without its socket: which request it is at, what is to be done next, what is overdue.
///
/// Requests are answered one at a time and in order. What comes while one is being handled is kept, and since the
/// connection then reads no more, that is at most one read.
struct HTTPConnectionState {
    /// What is to be done next.
    enum Action {
        /// Nothing, until more bytes come or the request is answered.
        case wait
        /// The client holds the body back until it gets `100 Continue`. Then ask again.
        case writeContinue
        /// A request is whole. Read no more until it is answered.
        case handle(HTTPRequestHead, body: [UInt8])
        /// The request cannot be served: answer that and close.
        case refuse(HTTPRequestError)
    }

    /// What has taken too long.
    enum Overdue {
        /// The next request: close.
        case idle
        /// The rest of a request: answer that and close.
        case request
        /// The handler: answer that and close.
        case handler
    }

    private enum Phase {
        case idle(since: UInt64)
        case head(since: UInt64)
        case body(since: UInt64)
        case handling(since: UInt64)
        case closed
    }

    private let limits: HTTPServerLimits
    private var parser: HTTPRequestParser
    private var phase: Phase
    private var head: HTTPRequestHead?
    private var pending: [UInt8] = []
    private var isDraining = false

    /// A connection that has been accepted at `now`, in milliseconds.
    init(limits: HTTPServerLimits, now: UInt64) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits.requests)
        phase = .idle(since: now)
    }

    /// The head of the request that is being received or handled.
    var currentHead: HTTPRequestHead? { head }

    /// Whether the connection stays after the answer to the current request.
    var keepsAlive: Bool {
        guard let head else { return false }
        return head.keepsAlive && !isDraining
    }

    /// Bytes came.
    mutating func receive(_ bytes: Span<UInt8>, now: UInt64) -> Action {
        if case .closed = phase { return .wait }
        if pending.isEmpty, !isHandling { return parse(bytes, now: now) }
        bytes.withUnsafeBufferPointer { pending.append(contentsOf: $0) }
        return next(now: now)
    }

    /// Goes on with what has come already.
    mutating func next(now: UInt64) -> Action {
        guard !isHandling, !pending.isEmpty else { return .wait }
        var bytes: [UInt8] = []
        swap(&bytes, &pending)
        return parse(bytes.span, now: now)
    }

    /// The current request is answered: the connection is ready for the next, or at its end.
    mutating func answered(now: UInt64) {
        phase = keepsAlive ? .idle(since: now) : .closed
        head = nil
    }

    /// Gives away what came after the request that is being handled, since the connection becomes another's.
    mutating func upgraded() -> [UInt8] {
        defer { pending = [] }
        return pending
    }

    /// The handed-over connection came back: it is still to be answered.
    mutating func upgradeRefused(_ remainder: [UInt8]) { pending = remainder }

    /// The server stops: the connection ends after the request that it is at. True where it is at none.
    mutating func drain() -> Bool {
        isDraining = true
        guard case .idle = phase, pending.isEmpty else { return false }
        phase = .closed
        return true
    }

    /// What is overdue at `now`, if anything. It is told once: the connection is at its end then.
    mutating func tick(now: UInt64) -> Overdue? {
        let overdue: Overdue?
        switch phase {
        case .idle(let since): overdue = now >= since + limits.idleMilliseconds ? .idle : nil
        case .head(let since): overdue = now >= since + limits.headMilliseconds ? .request : nil
        case .body(let since): overdue = now >= since + limits.requestMilliseconds ? .request : nil
        case .handling(let since): overdue = now >= since + limits.handlerMilliseconds ? .handler : nil
        case .closed: overdue = nil
        }
        if overdue != nil {
            phase = .closed
        }
        return overdue
    }

    private var isHandling: Bool {
        switch phase {
        case .handling, .closed: true
        case .idle, .head, .body: false
        }
    }

    private mutating func parse(_ bytes: Span<UInt8>, now: UInt64) -> Action {
        var offset = 0
        do throws(HTTPRequestError) {
            while let event = try parser.next(in: bytes, at: &offset) {
                switch event {
                case .head(let head):
                    self.head = head
                    phase = .body(since: started ?? now)
                    guard head.expectsContinue, head.bodyLength != .exactly(0), offset == bytes.count else { continue }
                    return .writeContinue
                case .complete(let body):
                    guard let head else { preconditionFailure("cannot complete a request when it has no head") }
                    phase = .handling(since: now)
                    bytes.extracting(offset..<bytes.count).withUnsafeBufferPointer { pending = Array($0) }
                    return .handle(head, body: body)
                }
            }
        } catch {
            phase = .closed
            return .refuse(error)
        }
        if case .idle = phase, parser.isInsideRequest {
            phase = .head(since: now)
        }
        return .wait
    }

    /// When the first byte of the current request came.
    private var started: UInt64? {
        switch phase {
        case .head(let since), .body(let since): since
        case .idle, .handling, .closed: nil
        }
    }
}
