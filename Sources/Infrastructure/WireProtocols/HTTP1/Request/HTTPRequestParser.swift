import Bytes

/// The server's side of reading an HTTP/1.1 connection (RFC 9112): bytes in, requests out, one at a time.
///
/// It takes no more of its input than the request that it is at: what comes after stays with the caller, be it the next
/// request or, once the caller has agreed to an upgrade, another protocol. Once it has thrown it must not be used again.
public struct HTTPRequestParser: Sendable {
    /// What has come.
    public enum Event: Sendable {
        /// The head of a request; the body, be it empty, comes with a later `complete`.
        case head(HTTPRequestHead)
        /// The body of the request, whole; the next request may follow.
        case complete(body: [UInt8])
    }

    private enum Place {
        case head
        case body(left: Int)
        case chunks(ChunkedDecoder)
    }

    private let limits: HTTPLimits
    private var place = Place.head
    private var head = HTTPHeadBuffer()
    private var body: [UInt8] = []

    /// A parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Whether part of a request has come, and the rest has not.
    public var isInsideRequest: Bool {
        if case .head = place { head.hasBegun } else { true }
    }

    /// Reads from `offset` on, which it moves past what it took. Nil means that all was taken and more is needed.
    public mutating func next(
        in input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPRequestError) -> Event? {
        switch place {
        case .head:
            guard try head.take(input, at: &offset, limits: limits) else { return nil }
            let head = try HTTPRequestHead(parsing: head.takeHead(), limits: limits)
            switch head.bodyLength {
            case .exactly(let length): place = .body(left: length)
            case .chunked: place = .chunks(ChunkedDecoder())
            }
            return .head(head)
        case .body(let left):
            let count = min(left, input.count - offset)
            input.extracting(offset..<(offset + count)).withUnsafeBufferPointer { body.append(contentsOf: $0) }
            offset += count
            place = .body(left: left - count)
            return left == count ? complete() : nil
        case .chunks(var decoder):
            let isWhole = try decoder.take(input, at: &offset, into: &body, limit: limits.bodyBytes)
            place = .chunks(decoder)
            return isWhole ? complete() : nil
        }
    }

    private mutating func complete() -> Event {
        defer { body = [] }
        place = .head
        return .complete(body: body)
    }
}
