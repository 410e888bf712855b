import EventLoop
import Support

/// What a connection was seen to do.
struct Seen: Sendable {
    var bytes: [UInt8] = []
    var drained = 0
    var closed: [CloseReason] = []
}

/// A delegate that writes down what happens, and does what a test wants it to.
final class Recorder: TCPConnectionDelegate {
    let seen: Observed<Seen>
    private let received: (TCPConnection, [UInt8]) -> Void
    private let drained: (TCPConnection) -> Void

    init(
        _ seen: Observed<Seen>, received: @escaping (TCPConnection, [UInt8]) -> Void = { _, _ in },
        drained: @escaping (TCPConnection) -> Void = { _ in }
    ) {
        self.seen = seen
        self.received = received
        self.drained = drained
    }

    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        let copy = bytes.withUnsafeBufferPointer { Array($0) }
        seen.update { $0.bytes += copy }
        received(connection, copy)
    }

    func connectionDrained(_ connection: TCPConnection) {
        seen.update { $0.drained += 1 }
        drained(connection)
    }

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) { seen.update { $0.closed.append(reason) } }
}

/// A loop for the length of `body`.
@discardableResult
func withLoop<Value>(
    _ name: String = "test", isolation: isolated (any Actor)? = #isolation, _ body: (EventLoop) async throws -> Value
) async throws -> Value {
    let loop = try EventLoop.start(name: name)
    let outcome: Result<Value, any Error>
    do {
        outcome = .success(try await body(loop))
    } catch {
        outcome = .failure(error)
    }
    await loop.stop()
    return try outcome.get()
}

extension EventLoop {
    /// A listener on a free port of the loopback address.
    func listen(
        tls: TLSServerContext? = nil, accept: @escaping @Sendable (TCPConnection) -> Void
    ) async throws -> SocketAddress {
        try await submit {
            try TCPListener.listen(
                on: self, address: .loopback(port: 0), reusePort: false, tls: tls, accept: accept
            ).address
        }
    }

    /// A connection to `endpoint`, which `prepare` gives a delegate before anything comes in.
    func connect(
        to endpoint: HostPort, tls: TLSClientContext? = nil, prepare: @escaping @Sendable (TCPConnection) -> Void
    ) async throws -> LoopBound<TCPConnection> {
        let outcome: Result<LoopBound<TCPConnection>, EventLoopError> = await withCheckedContinuation { continuation in
            execute {
                TCPConnection.connect(on: self, to: endpoint, tls: tls) { outcome in
                    continuation.resume(
                        returning: outcome.map { connection in
                            prepare(connection)
                            return LoopBound(connection, on: self)
                        })
                }
            }
        }
        return try outcome.get()
    }

    func connect(
        to address: SocketAddress, tls: TLSClientContext? = nil, prepare: @escaping @Sendable (TCPConnection) -> Void
    ) async throws -> LoopBound<TCPConnection> {
        try await connect(
            to: HostPort(host: address.hostDescription, port: address.port), tls: tls, prepare: prepare)
    }
}

/// Bytes that do not repeat within any window that a mix-up could hide in.
func pattern(_ count: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}
